"""Champion and challenger: what was learned anew takes the place of what is in use only where it is not worse."""

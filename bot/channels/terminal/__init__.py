"""The terminal: whoever sits at this machine, and scripts that talk as a resident."""

"""What a checkout needs around the product: installing it and keeping its pins. Nothing here runs in the product."""

"""The command line `jietong`."""

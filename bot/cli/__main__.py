"""`python -m bot.cli` is the same as `jietong`."""

from bot.cli.start import main

main()

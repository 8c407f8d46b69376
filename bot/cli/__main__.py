"""`python -m bot.cli` is the same as `jietong`."""

from bot.cli.main import main

main()

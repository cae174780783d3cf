"""`python -m bot` is `shopkeeper`."""

from bot.cli import main

main()

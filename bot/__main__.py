"""Lets `python -m bot` be the command `shopkeeper`, where that is not installed."""

from bot.cli import main

main()

"""The table of settings, a class a group; `bot.settings` joins and reads them."""

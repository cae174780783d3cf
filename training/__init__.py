"""Trains and measures what `bot` serves; `bot` never imports it."""

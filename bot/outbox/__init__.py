"""Delivers what must leave the house: webhooks and e-mail, at least once and in order."""

"""Doing things in the shop: rasa-sdk actions, and what runs them."""

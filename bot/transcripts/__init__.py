"""Keeps what was said. Importing this package loads no database library; `open.py` does."""

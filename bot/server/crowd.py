"""How long what is to be stored waits for company. Pure.

A commit costs as much as several messages in it. With very many pages open it is worth a moment
that nobody notices to let more of them share one: their messages come anyway, whenever the last
are accepted. Where few write at once, each of them would only wait longer, and all are done later.
"""

MANY_PAGES = 500
"""So many conversations are open, at least, where commits wait."""

GATHER_SECONDS = 0.016
"""From the beginning of one commit to that of the next; a commit takes about half of it."""


def gather_seconds(pages: int) -> float:
    """Tell how long a commit waits for others while so many conversations are open."""
    return GATHER_SECONDS if pages >= MANY_PAGES else 0.0

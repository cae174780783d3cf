"""Everything that storing can refuse, as one tree.

TranscriptsError
├── StorageRefused         could not be stored now; nothing was kept; send it again
├── NotWiped               erased, but the files still hold bytes of it; tried again by itself
├── ClockAhead             this node's clock is wrong; by it, nothing may be forgotten
├── UnknownConversation    no such conversation (the server says `not_yours`)
├── StoreClosed            the store was closed; nothing more can be stored
├── LoginTaken             another account has this login
├── UnknownAccount         there is no such account
├── LastAdmin              nobody would be left who can add an admin
├── ShortcutTaken          another canned reply has this shortcut
├── OutOfReach             what nodes share cannot be read or written now (an OSError too)
└── StoreNotSafe           the database cannot keep the promise; the server must not start
    ├── SecondWriter       another process already writes this SQLite file
    └── NetworkFileSystem  SQLite's write-ahead log does not work over the network
"""

from __future__ import annotations


class TranscriptsError(Exception):
    """The base of all errors of this package; its text says what to do."""


class StorageRefused(TranscriptsError):
    """The disk or the database refused; nothing of this command was kept. Send it again."""

    code = "storage"


class NotWiped(TranscriptsError):
    """Conversations are deleted, but what the files held of them is not overwritten yet."""

    code = "not_wiped"


class ClockAhead(TranscriptsError):
    """The clock of this node is far ahead of the database's: by it, nothing is known to be old."""

    code = "clock_ahead"


class UnknownConversation(TranscriptsError):
    """There is no such conversation."""

    code = "not_yours"


class StoreClosed(TranscriptsError):
    """The store was closed."""

    code = "storage"


class LoginTaken(TranscriptsError):
    """Another account has this login."""


class UnknownAccount(TranscriptsError):
    """There is no such account."""


class LastAdmin(TranscriptsError):
    """Nobody but this admin can sign in and add another; make another one first."""


class ShortcutTaken(TranscriptsError):
    """Another canned reply has this shortcut."""


class OutOfReach(TranscriptsError, OSError):
    """What nodes share cannot be read or written now; an OSError to who knows no database."""


class StoreNotSafe(TranscriptsError):
    """The database, as it is set up, cannot keep what it accepts."""


class SecondWriter(StoreNotSafe):
    """Another process already writes this SQLite file."""


class NetworkFileSystem(StoreNotSafe):
    """The SQLite file lies on a network file system."""

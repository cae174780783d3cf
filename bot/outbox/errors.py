"""Everything that delivering can refuse, as one tree.

OutboxError
├── DeliveryFailed       this time; it is tried again later
└── ChannelNotSafe       a channel's settings are wrong; the server must not start with them
"""

from __future__ import annotations


class OutboxError(Exception):
    """The base of all errors of this package; its text says what to do, and holds no secret."""


class DeliveryFailed(OutboxError):
    """The receiver does not have it, as far as we know."""


class ChannelNotSafe(OutboxError):
    """A channel that would send to a wrong place, or without a signature."""

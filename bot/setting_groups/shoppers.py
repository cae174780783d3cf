"""Limits of what a shopper may send, and of their sockets."""

from __future__ import annotations

from pydantic import BaseModel

from bot.setting_groups.rows import limit


class Messages(BaseModel):
    """How much one shopper may send."""

    text_characters: int = limit(
        4_000,
        "Characters in one message.",
        "longer texts are pastes, not questions",
        ge=1,
        le=16_000,
    )
    frame_bytes: int = limit(
        65_536,
        "Bytes in one frame.",
        "room for 4,000 characters of any script with escapes",
        ge=1_024,
        le=1_048_576,
    )
    frame_depth: int = limit(
        8, "Levels of nesting in one frame.", "no frame of ours needs more than 4", ge=3
    )
    unaccepted_messages: int = limit(
        3,
        "Messages of one connection that may wait to be stored.",
        "more in flight is a script, and each holds memory",
        ge=1,
    )
    waiting_to_be_stored: int = limit(
        256,
        "What may wait for the disk on one node before further messages are put off (`overload`).",
        "two groups of commits; in a longer queue the answers of those inside come too late",
        ge=1,
    )
    messages_per_second: float = limit(
        1.0, "Lasting rate of one shopper's messages.", "faster than people type", gt=0
    )
    messages_burst: int = limit(
        5, "Messages a shopper may send at once.", "people do send short bursts", ge=1
    )
    messages_per_minute: int = limit(
        30, "Messages of one shopper in a minute.", "a talk, not a flood", ge=1
    )
    conversations_per_minute: float = limit(
        10.0,
        "Lasting rate of new conversations from one address.",
        "each takes room, and a line of the list",
        gt=0,
    )
    conversations_burst: int = limit(
        50, "New conversations from one address at once.", "an office, a school", ge=1
    )
    signals_per_second: float = limit(
        10.0,
        "Lasting rate of typing, seen, more and tick frames of one connection.",
        "they cost little, but not nothing",
        gt=0,
    )
    staff_messages_per_second: float = limit(
        5.0, "Lasting rate of one staff member's frames.", "canned replies in several chats", gt=0
    )
    bad_frames: int = limit(
        20,
        "Bad frames in a minute before a connection is closed with 4101.",
        "a broken page makes a few, an attacker many",
        ge=1,
    )
    page_title_characters: int = limit(
        300, "Characters kept of a page title or address.", "they are shown to staff", ge=1
    )


class Connections(BaseModel):
    """How many sockets there may be, and how slow one of them."""

    hello_seconds: float = limit(
        10.0, "Time for the first frame.", "silent sockets hold memory", gt=0
    )
    handshake_seconds: float = limit(
        5.0, "Time for a request's head to arrive.", "slow heads hold sockets", gt=0
    )
    handshakes_per_second: float = limit(
        10.0, "New sockets a second from one address.", "a reconnect storm", gt=0
    )
    handshakes_burst: int = limit(
        30, "New sockets from one address at once.", "an office behind one address", ge=1
    )
    sockets_per_visitor: int = limit(
        5, "Open sockets on one conversation.", "tabs and devices of one person", ge=1
    )
    sockets_per_address: int = limit(
        50,
        "Open sockets from one address.",
        "one address can be an office (of IPv6, a /64); behind a proxy set trusted_proxies, or "
        "all share it",
        ge=1,
    )
    queue_events: int = limit(
        256, "Frames that may wait for a slow reader.", "then 4208; resume is cheap", ge=16
    )
    queue_bytes: int = limit(
        1_048_576, "Bytes that may wait for a slow reader.", "200 of them cost 200 MiB", ge=65_536
    )
    tick_seconds: float = limit(
        25.0, "Time between ticks.", "pages cannot see pings; proxies cut at 60 s", gt=0
    )
    ping_seconds: float = limit(
        20.0, "Time between pings, and for their answer.", "a dead link ends in 45 s", gt=0
    )
    sends_stall_seconds: float = limit(
        10.0,
        "How long one frame may wait for the network before the link is cut.",
        "a reader that takes nothing for this long is gone or hostile",
        gt=0,
    )
    replay_events: int = limit(
        300, "Events replayed on resume; beyond it the page starts over.", "one page", ge=1
    )
    start_over_events: int = limit(
        100, "Events sent when a page starts over.", "fills any screen", ge=1
    )
    older_events: int = limit(100, "Events in one page of older ones.", "as above", ge=1)

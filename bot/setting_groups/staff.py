"""Settings of those who sign in: their sessions, the desk and the console."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel

from bot.setting_groups.rows import limit, setting


class SignIn(BaseModel):
    """Who may sign in, and for how long."""

    session_idle_hours: float = limit(
        12.0, "A session ends after this long without use.", "a shift", gt=0
    )
    session_days: float = limit(
        7.0, "A session ends after this long in any case.", "a stolen cookie dies", gt=0
    )
    sign_in_tries: int = limit(
        10,
        "Tries for one account in 15 minutes; then it is locked for the rest of them.",
        "guessing is slow even at the account's own name",
        ge=1,
    )
    sign_in_tries_per_address: int = limit(
        5,
        "Tries from one address in 5 minutes that are not right.",
        "people mistype, scripts guess",
        ge=1,
    )
    sign_in_hashes: int = limit(
        2,
        "Passwords checked at the same time.",
        "each takes 64 MiB for a tenth of a second; more would starve the chats",
        ge=1,
        le=16,
    )
    password_characters: int = limit(
        12, "Least length of a password.", "length is what resists guessing", ge=8, le=128
    )
    revoke_seconds: float = limit(
        0.5,
        "How often open staff sockets look whether their session still stands.",
        "a revocation reaches every socket within a second, on any node",
        gt=0,
    )


class Admin(BaseModel):
    """What an admin may bring, and every page may ask."""

    upload_bytes: int = limit(
        20_971_520, "Bytes of one uploaded file.", "some 100,000 entries", ge=1
    )
    uploads_per_hour: int = limit(60, "Uploads of one admin in an hour.", "a disk", ge=1)
    body_bytes: int = limit(
        262_144, "Bytes of any other request.", "no request of ours is larger", ge=1_024
    )
    jobs_kept: int = limit(50, "Finished jobs whose report is kept.", "memory", ge=1)
    shared_versions: int = limit(
        10,
        "Published versions that PostgreSQL keeps for its nodes, and trained sets that it or a "
        "machine alone keeps.",
        "to go back to; each may be hundreds of megabytes in a large shop",
        ge=1,
    )
    requests_per_second: float = limit(
        20.0, "Lasting rate of requests from one address.", "pages need a few", gt=0
    )
    requests_burst: int = limit(100, "Requests from one address at once.", "page loads", ge=1)


class Desk(BaseModel):
    """How waiting shoppers come to people."""

    routing: Literal["pick", "round_robin", "least_busy"] = setting(
        "pick",
        "How waiting shoppers come to people: they pick, or they are given to whoever got one "
        "longest ago, or to whoever holds the fewest.",
    )
    staff_away_seconds: float = limit(
        120.0,
        "How long a holder may be without an open inbox before the shopper goes back to the "
        "queue; 0: for ever.",
        "longer than a reload of the page or a lift, shorter than a shopper's patience",
        ge=0,
    )
    first_reply_seconds: float = limit(
        120.0,
        "Time within which staff should answer a shopper who began to wait.",
        "an alarm in the inbox, not a promise to the shopper",
        gt=0,
    )
    next_reply_seconds: float = limit(
        300.0, "Time within which staff should answer each later message.", "an alarm", gt=0
    )
    rating_quiet_seconds: float = limit(
        180.0,
        "After this long without a word since the bot's answer the shopper is asked how satisfied "
        "they are; 0: only at the end.",
        "most shoppers leave without ending the conversation",
        ge=0,
    )

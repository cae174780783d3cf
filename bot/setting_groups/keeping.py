"""Settings of what leaves the house, and of how long the rest is kept."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel

from bot.setting_groups.rows import limit, setting


class LeavingTheHouse(BaseModel):
    """What tells others that something happened."""

    webhook_url: str = setting(
        "",
        "Address that is told by a signed POST of every handoff, ending, rating and mention. "
        "Empty: nobody is told.",
    )
    webhook_secret: str = setting(
        "", "Shared with the receiver, at least 16 characters; signs every POST (HMAC-SHA256)."
    )
    webhook_allow_private: bool = limit(
        False,
        "Whether webhook_url may lie inside a private network or on this machine.",
        "a mistyped or planted address must not reach what is not public",
    )
    webhook_seconds: float = limit(
        10.0,
        "Time for one POST, answer included.",
        "a receiver that hangs must not hold up the others",
        gt=0,
        le=60,
    )
    mail_host: str = setting("", "Mail server that tells staff who waits. Empty: no e-mail.")
    mail_port: int = limit(
        587, "Port of the mail server.", "587 is for STARTTLS, 465 for SSL", ge=1, le=65_535
    )
    mail_security: Literal["starttls", "ssl", "none"] = setting(
        "starttls", "How the mail server is spoken to."
    )
    mail_user: str = setting("", "Name at the mail server, if it asks.")
    mail_password: str = setting("", "Password at the mail server.")
    mail_sender: str = setting("", "E-mail address that mails come from.")
    mail_recipients: tuple[str, ...] = setting((), "E-mail addresses that are told.")
    delivery_tries: int = limit(
        20,
        "Deliveries that may fail before an item is put aside as a dead letter.",
        "about half a day of an absent receiver, then the next item of its conversation may go",
        ge=1,
    )


class Retention(BaseModel):
    """How long what is kept."""

    keep_closed_days: int = limit(
        365,
        "Days after its last event that a conversation is kept which has ended, or which the "
        "shopper left with the bot; 0: for ever. What an admin sets in the console holds instead "
        "of these three.",
        "what is not kept cannot leak",
        ge=0,
    )
    keep_traces_days: int = limit(
        30,
        "Days that the reasons behind the bot's answers are kept; 0: as long as the conversation.",
        "needed to see why it answered so, then no longer",
        ge=0,
    )
    keep_delivered_days: int = limit(
        7,
        "Days that delivered notifications are remembered; 0: as long as the conversation.",
        "needed to look into a lost notification, then no longer",
        ge=0,
    )

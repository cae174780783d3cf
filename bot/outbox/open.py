"""Makes the ways out of the house, and the worker, from the settings."""

from __future__ import annotations

from bot.outbox.delivery import Channel
from bot.outbox.errors import ChannelNotSafe
from bot.outbox.mail import Mail
from bot.outbox.webhook import Webhook
from bot.outbox.worker import OutboxWorker, Patience
from bot.settings import Settings
from bot.transcripts.outbox import Outbox


def channels_of(settings: Settings) -> tuple[Channel, ...]:
    """Make every channel that is set.

    Raises:
        ChannelNotSafe: a channel that would send unsigned or to a wrong place; do not start.
    """
    channels: list[Channel] = []
    if settings.webhook_url:
        channels.append(
            Webhook(
                settings.webhook_url,
                settings.webhook_secret,
                settings.webhook_allow_private,
                settings.webhook_seconds,
            )
        )
    elif settings.webhook_secret:
        raise ChannelNotSafe("webhook_secret is set without webhook_url.")
    if settings.mail_host:
        channels.append(
            Mail(
                settings.mail_host,
                settings.mail_port,
                settings.mail_sender,
                settings.mail_recipients,
                settings.mail_security,
                settings.mail_user,
                settings.mail_password,
                f"{settings.public_url}/inbox" if settings.public_url else "",
            )
        )
    return tuple(channels)


def open_worker(settings: Settings, outbox: Outbox) -> OutboxWorker:
    """Make the worker; with no channel it only empties the outbox. The caller starts it."""
    return OutboxWorker(outbox, channels_of(settings), Patience(tries=settings.delivery_tries))

"""Tells people by e-mail through the shop's own mail server; never what was said, only that."""

from __future__ import annotations

import hashlib
import smtplib
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Literal

from bot.outbox.delivery import Delivery
from bot.outbox.errors import ChannelNotSafe, DeliveryFailed

Security = Literal["starttls", "ssl", "none"]

MAILED = frozenset(
    {"waiting", "message_left", "mentioned", "transferred", "taken_over", "reply_late"}
)
"""What staff want to be told of; endings and ratings wait for the inbox."""

_SUBJECTS = {
    "waiting": "顾客在等待客服 / A shopper waits for a person",
    "message_left": "顾客留言 / A shopper left a message",
    "mentioned": "有人在备注中提到你 / You were mentioned in a note",
    "transferred": "对话已转给你 / A conversation was passed to you",
    "taken_over": "对话已被接管 / A conversation was taken over",
    "reply_late": "超时未回复 / A shopper has waited too long for a reply",
}


@dataclass
class Mail:
    """A channel to the staff's mailboxes.

    Args:
        host, port: of the mail server.
        security: "starttls" (usual, port 587), "ssl" (port 465) or "none" (a server beside us).
        sender, recipients: e-mail addresses.
        user, password: empty where the server asks for none.
        link: how the inbox is opened, put into each mail; may be empty.

    Raises:
        ChannelNotSafe: no recipients, or a password without encryption.
    """

    host: str
    port: int
    sender: str
    recipients: tuple[str, ...]
    security: Security = "starttls"
    user: str = ""
    password: str = field(default="", repr=False)
    link: str = ""
    timeout_seconds: float = 20.0
    name: str = "mail"

    def __post_init__(self) -> None:
        if not self.recipients or not self.sender:
            raise ChannelNotSafe("mail_sender and mail_recipients must be set with mail_host.")
        if self.password and self.security == "none":
            raise ChannelNotSafe("mail_security is none: the password would be readable by all.")
        if any("\n" in one or "\r" in one for one in (self.sender, *self.recipients)):
            raise ChannelNotSafe("An e-mail address holds a line break.")

    def wants(self, kind: str) -> bool:
        """What staff want to be told of."""
        return kind in MAILED

    def deliver(self, delivery: Delivery) -> None:
        """See `Channel.deliver`."""
        try:
            with self._connect() as server:
                if self.user:
                    server.login(self.user, self.password)
                refused = server.send_message(self.write(delivery))
        except (OSError, smtplib.SMTPException) as error:
            raise DeliveryFailed(f"{self.host}: {type(error).__name__}") from error
        if refused:
            raise DeliveryFailed(f"{self.host} refused {len(refused)} recipients")

    def write(self, delivery: Delivery) -> EmailMessage:
        """Write the mail. Its id is made from the key, so that mailboxes can drop a repeat."""
        mail = EmailMessage()
        mail["Subject"] = _SUBJECTS.get(delivery.kind, delivery.kind)
        mail["From"] = self.sender
        mail["To"] = ", ".join(self.recipients)
        mail["Date"] = format_datetime(delivery.at)
        digest = hashlib.sha256(delivery.key.encode("utf-8")).hexdigest()[:32]
        mail["Message-ID"] = f"<{digest}@{self.sender.rpartition('@')[2] or 'shopkeeper'}>"
        lines = [mail["Subject"], "", f"Conversation: {delivery.conversation}"]
        lines += [f"{name}: {value}" for name, value in sorted(delivery.payload.items())]
        mail.set_content("\n".join([*lines, "", self.link]))
        return mail

    def _connect(self) -> smtplib.SMTP:
        if self.security == "ssl":
            tls = ssl.create_default_context()
            return smtplib.SMTP_SSL(self.host, self.port, timeout=self.timeout_seconds, context=tls)
        server = smtplib.SMTP(self.host, self.port, timeout=self.timeout_seconds)
        if self.security == "starttls":
            try:
                server.starttls(context=ssl.create_default_context())
            except BaseException:
                server.close()
                raise
        return server

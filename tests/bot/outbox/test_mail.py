"""Mail goes out through a real (small) SMTP server on loopback."""

import socketserver
import threading
from datetime import UTC, datetime

import pytest

from bot.outbox.delivery import Delivery
from bot.outbox.errors import ChannelNotSafe, DeliveryFailed
from bot.outbox.mail import Mail

AT = datetime(2026, 3, 1, tzinfo=UTC)
DELIVERY = Delivery("c1:2:waiting", "waiting", "c1", AT, {"reason": "wish"})


class MailServer(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, refuses: bool = False) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.refuses = refuses
        self.mails: list[str] = []

    def __enter__(self) -> "MailServer":
        self.thread = threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.thread.join()
        self.server_close()


class _Session(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self._say("220 shop")
        while line := self.rfile.readline().decode().strip():
            word = line[:4].upper()
            if word == "DATA":
                self._say("354 go on")
                lines = []
                while (said := self.rfile.readline()) != b".\r\n":
                    lines.append(said.decode())
                self.server.mails.append("".join(lines))
                self._say("250 kept")
            elif word == "RCPT" and self.server.refuses:
                self._say("550 no such mailbox")
            elif word == "QUIT":
                return self._say("221 bye")
            else:
                self._say("250 ok")

    def _say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")


def _mail(server: MailServer, **facts) -> Mail:
    port = server.server_address[1]
    to = ("desk@shop.example",)
    return Mail("127.0.0.1", port, "bot@shop.example", to, **{"security": "none", **facts})


def test_staff_are_told_that_somebody_waits_and_nothing_that_was_said() -> None:
    with MailServer() as server:
        mail = _mail(server, link="https://chat.shop.example/staff")
        mail.deliver(DELIVERY)
        mail.deliver(DELIVERY)
    first, again = server.mails
    assert "To: desk@shop.example" in first
    ids = [line for text in (first, again) for line in text.splitlines() if "Message-ID" in line]
    assert len(ids) == 2 and ids[0] == ids[1]


def test_the_words_of_a_mail() -> None:
    mail = Mail("mail", 25, "bot@shop.example", ("a@shop.example", "b@shop.example"))
    written = mail.write(DELIVERY)
    assert written["To"] == "a@shop.example, b@shop.example"
    assert "A shopper waits" in written["Subject"]
    assert "reason: wish" in written.get_content()


def test_a_refused_mailbox_and_a_server_without_encryption_are_failures() -> None:
    with MailServer(refuses=True) as server, pytest.raises(DeliveryFailed, match="Refused"):
        _mail(server).deliver(DELIVERY)
    with MailServer() as server, pytest.raises(DeliveryFailed):
        _mail(server, security="starttls").deliver(DELIVERY)
    assert server.mails == []


@pytest.mark.parametrize(
    "facts",
    [
        {"recipients": ()},
        {"sender": ""},
        {"security": "none", "password": "secret"},
        {"recipients": ("a@b\r\nBcc: all@b",)},
    ],
)
def test_a_mail_channel_that_is_not_safe_is_not_made(facts) -> None:
    whole = {"sender": "bot@b", "recipients": ("a@b",), **facts}
    with pytest.raises(ChannelNotSafe):
        Mail("mail", 25, **whole)


def test_only_what_staff_want_to_know_is_mailed() -> None:
    mail = Mail("mail", 25, "bot@b", ("a@b",))
    assert mail.wants("message_left") and not mail.wants("closed")

"""Signing in and out, and telling who a cookie is.

A session is a random cookie of which only the digest is stored. The page repeats a second token
(CSRF) in a header or its first frame, so that a cookie alone, which any site can make a browser
send, opens nothing.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from bot.errors import Forbidden, NotSignedIn
from bot.server.desk import Desk
from bot.server.passwords import PasswordChecks
from bot.server.rates import Window
from bot.settings import Settings
from bot.transcripts.accounts import ADMIN, Session, StaffAccounts, login_key

STAFF = "staff"

TOUCH_SECONDS = 60.0
"""A session's last use is stored at most this often; its idle limit is hours."""


def digest_of(token: str) -> bytes:
    """Give what is stored of a cookie or a conversation's token."""
    return hashlib.sha256(token.encode("utf-8")).digest()


def new_token() -> str:
    """Make a token of 256 random bits."""
    return secrets.token_urlsafe(32)


class SignIn:
    """Who may come in.

    Args:
        desk: runs what waits for the disk.
        accounts: the accounts and their sessions.
        checks: checks passwords in threads.
        settings: lifetimes and limits.
        now: the wall clock, UTC.
    """

    def __init__(
        self,
        desk: Desk,
        accounts: StaffAccounts,
        checks: PasswordChecks,
        settings: Settings,
        now: Callable[[], datetime],
    ) -> None:
        self._desk = desk
        self._accounts = accounts
        self.checks = checks
        self._settings = settings
        self._now = now
        self._by_account = Window(settings.sign_in_tries, 15 * 60)
        self._by_address = Window(settings.sign_in_tries_per_address, 5 * 60)

    @property
    def cookie_name(self) -> str:
        """The name of the session cookie; over https one that only this host can have set."""
        return "__Host-shopkeeper" if self._settings.secure_cookies else "shopkeeper"

    async def sign_in(self, login: str, password: str, address: str) -> tuple[str, Session]:
        """Check a name and a password, and open a session.

        Returns:
            The cookie's value, and the session.

        Raises:
            NotSignedIn: wrong name or password, or a disabled account; never told apart.
            TooMany: too many tries for this account or from this address.
        """
        self._by_address.take(address)
        self.take_try(login)
        found = await self._desk.read(self._accounts.by_login, login)
        stored = None if found is None or found[0].disabled else found[1]
        if not await self.checks.right(password, stored) or found is None:
            raise NotSignedIn(
                "The name or the password is wrong.", "账号或密码不正确。", code="wrong_sign_in"
            )
        self._by_account.forget(login_key(login))
        self._by_address.give_back(address)  # a shift that begins comes from one office at once
        cookie = new_token()
        expires = self._now() + timedelta(days=self._settings.session_days)
        await self._desk.wait(
            self._accounts.open_session(digest_of(cookie), found[0].id, new_token(), expires)
        )
        session = await self.session(cookie)
        if session is None:  # disabled in this very moment
            raise NotSignedIn("The account was disabled.", "账号已停用。", code="wrong_sign_in")
        return cookie, session

    def take_try(self, login: str) -> None:
        """Count one try of an account's password. Raises TooMany."""
        self._by_account.take(login_key(login))

    async def session(self, cookie: str | None) -> Session | None:
        """Give the session of a cookie's value; None when there is none or it is over."""
        if not cookie or len(cookie) > 200:
            return None
        return await self.session_by_digest(digest_of(cookie))

    async def session_by_digest(self, digest: bytes) -> Session | None:
        """Give the session of a cookie's digest; remembers that it was used."""
        session = await self._desk.read(self._accounts.session, digest)
        if session is None:
            return None
        idle = (self._now() - session.last_seen_at).total_seconds()
        if self._is_idle(session):
            await self._desk.wait(self._accounts.revoke_session(digest))
            return None
        if idle > TOUCH_SECONDS:
            await self._desk.wait(self._accounts.touch_session(digest))
        return session

    async def still_good(self, digests: list[bytes]) -> dict[bytes, Session | None]:
        """Look up the sessions of many open sockets at once; does not count as use."""

        def look_up() -> dict[bytes, Session | None]:
            found = {digest: self._accounts.session(digest) for digest in digests}
            return {
                digest: None if session is None or self._is_idle(session) else session
                for digest, session in found.items()
            }

        return await self._desk.read(look_up)

    async def used(self, digest: bytes) -> None:
        """Remember that an open socket was used by its person just now."""
        await self._desk.wait(self._accounts.touch_session(digest))

    def _is_idle(self, session: Session) -> bool:
        idle = (self._now() - session.last_seen_at).total_seconds()
        return idle > self._settings.session_idle_hours * 3600

    async def sign_out(self, cookie: str) -> None:
        """End one session."""
        await self._desk.wait(self._accounts.revoke_session(digest_of(cookie)))

    def cookie_of(self, scope: Any) -> str | None:
        """Read the session cookie from a request's headers.

        None when there is none, or more than one: of two nobody can tell which is ours. The pages
        of a domain share their cookies, so others may stand beside it, written as no rule allows.
        """
        pairs = [
            pair.partition("=")
            for name, value in scope["headers"]
            if name == b"cookie"
            for pair in value.decode("latin-1").split(";")
        ]
        found = {value.strip() for name, _, value in pairs if name.strip() == self.cookie_name}
        return found.pop() if len(found) == 1 else None


def check_csrf(session: Session, token: str | None) -> None:
    """Refuse a request that does not repeat the session's second token."""
    given = (token or "").encode("utf-8", errors="replace")
    if not secrets.compare_digest(given, session.csrf.encode("utf-8")):
        raise Forbidden(
            "The CSRF token is missing or of another session. Reload the page.",
            "页面已过期，请刷新后再试。",
            code="csrf",
        )


def check_role(session: Session, role: str) -> None:
    """Refuse who lacks a role; an admin may do what staff may."""
    if role in session.account.roles or ADMIN in session.account.roles:
        return
    raise Forbidden(f"This needs the role {role}.", "您的账号没有这个权限。")

"""Staff accounts and sign-ins. Knows hashes and digests, never a password or a cookie."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from bot.transcripts.errors import LastAdmin, LoginTaken, UnknownAccount
from bot.transcripts.rows import AnyRow
from bot.transcripts.tables import sessions, staff
from bot.transcripts.writer import Writer

ADMIN = "admin"
"""The role that may give roles."""


def login_key(login: str) -> str:
    """Give the form in which logins are compared: no case, no look-alike widths."""
    return unicodedata.normalize("NFKC", login).strip().casefold()


@dataclass(frozen=True, slots=True)
class StaffAccount:
    """One person who may sign in.

    Attributes:
        id: random, never reused.
        login: unique, compared without case.
        name: shown to shoppers and colleagues.
        roles: "staff", "admin".
    """

    id: str
    login: str
    name: str
    roles: frozenset[str]
    disabled: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Session:
    """A sign-in that is still good."""

    account: StaffAccount
    csrf: str
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime


class StaffAccounts:
    """Who may sign in, and who has. Knows hashes and digests, never a password or a cookie."""

    def __init__(
        self,
        reader: Engine,
        writer: Writer,
        now: Callable[[], datetime],
        new_id: Callable[[], str],
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._now = now
        self._new_id = new_id

    def add(
        self, login: str, name: str, password_hash: str, roles: frozenset[str]
    ) -> Future[StaffAccount]:
        """Store a new account. The future raises LoginTaken when the login exists."""
        account = StaffAccount(self._new_id(), login, name, roles, False, self._now())

        def work(connection: Connection) -> StaffAccount:
            values = {
                "id": account.id,
                "login": login,
                "login_key": login_key(login),
                "name": name,
                "password_hash": password_hash,
                "roles": sorted(roles),
                "disabled": False,
                "created_at": account.created_at,
            }
            same = select(staff.c.id).where(staff.c.login_key == login_key(login))
            if connection.execute(same).first() is not None:
                raise LoginTaken(f"There is already an account with the login {login}.")
            try:
                with connection.begin_nested():
                    connection.execute(insert(staff), values)
            except IntegrityError as error:  # another node was quicker
                raise LoginTaken(f"There is already an account with the login {login}.") from error
            return account

        return self._writer.run_beside(work)

    def all(self) -> tuple[StaffAccount, ...]:
        """Every account, by login."""
        with self._reader.begin() as connection:
            rows = connection.execute(select(staff).order_by(staff.c.login_key))
            return tuple(map(_read_account, rows))

    def get(self, staff_id: str) -> StaffAccount | None:
        """One account by id."""
        with self._reader.begin() as connection:
            row = connection.execute(select(staff).where(staff.c.id == staff_id)).one_or_none()
        return None if row is None else _read_account(row)

    def by_login(self, login: str) -> tuple[StaffAccount, str] | None:
        """Find an account (disabled ones too) with its password hash."""
        if "\x00" in login:  # PostgreSQL cannot even be asked for it
            return None
        query = select(staff).where(staff.c.login_key == login_key(login))
        with self._reader.begin() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else (_read_account(row), row.password_hash)

    def set_password(self, staff_id: str, password_hash: str) -> Future[None]:
        """Replace the hash, and revoke every session of the account."""
        return self._change(staff_id, {"password_hash": password_hash}, revoke=True)

    def set_roles(
        self, staff_id: str, roles: frozenset[str], *, leave_admin: bool = False
    ) -> Future[None]:
        """Replace the roles, and revoke every session of the account.

        Args:
            leave_admin: the future raises LastAdmin where no admin would be left who can sign in,
                whatever other nodes change in the same moment.
        """
        leave = leave_admin and ADMIN not in roles
        return self._change(staff_id, {"roles": sorted(roles)}, revoke=True, leave_admin=leave)

    def set_disabled(
        self, staff_id: str, disabled: bool, *, leave_admin: bool = False
    ) -> Future[None]:
        """Disable (revoking every session) or enable; `leave_admin` as for `set_roles`."""
        leave = leave_admin and disabled
        return self._change(staff_id, {"disabled": disabled}, revoke=disabled, leave_admin=leave)

    def _change(
        self, staff_id: str, values: dict[str, Any], *, revoke: bool, leave_admin: bool = False
    ) -> Future[None]:
        def work(connection: Connection) -> None:
            if leave_admin:
                _must_leave_an_admin(connection, staff_id)
            changed = connection.execute(
                update(staff).where(staff.c.id == staff_id).values(**values)
            )
            if changed.rowcount != 1:
                raise UnknownAccount("There is no such account.")
            if revoke:
                self._revoke(connection, sessions.c.staff == staff_id)

        return self._writer.run_beside(work)

    def open_session(
        self, digest: bytes, staff_id: str, csrf: str, expires_at: datetime
    ) -> Future[None]:
        """Store a sign-in under the SHA-256 digest of its cookie."""
        now = self._now()
        values = {
            "digest": digest,
            "staff": staff_id,
            "csrf": csrf,
            "created_at": now,
            "last_seen_at": now,
            "expires_at": expires_at,
            "revoked_at": None,
        }

        def work(connection: Connection) -> None:
            known = select(staff.c.id).where(staff.c.id == staff_id, staff.c.disabled.is_(False))
            if connection.execute(known).first() is None:
                raise UnknownAccount("There is no such account, or it is disabled.")
            connection.execute(insert(sessions), values)

        return self._writer.run_beside(work)

    def session(self, digest: bytes) -> Session | None:
        """Find a sign-in; None when unknown, expired, revoked, or the account is disabled."""
        query = (
            select(sessions, staff)
            .join(staff, staff.c.id == sessions.c.staff)
            .where(
                sessions.c.digest == digest,
                sessions.c.revoked_at.is_(None),
                sessions.c.expires_at > self._now(),
                staff.c.disabled.is_(False),
            )
        )
        # The session's own moment and the account's share a name; the account's is labelled.
        query = query.with_only_columns(
            sessions.c.csrf,
            sessions.c.created_at.label("opened_at"),
            sessions.c.last_seen_at,
            sessions.c.expires_at,
            *staff.c,
        )
        with self._reader.begin() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            return None
        return Session(
            _read_account(row), row.csrf, row.opened_at, row.last_seen_at, row.expires_at
        )

    def touch_session(self, digest: bytes) -> Future[None]:
        """Remember that it was used now."""
        statement = update(sessions).where(sessions.c.digest == digest)
        touched = statement.values(last_seen_at=self._now())
        return self._writer.run_beside(lambda connection: _no_result(connection.execute(touched)))

    def revoke_session(self, digest: bytes) -> Future[None]:
        """End one sign-in."""
        return self._writer.run_beside(
            lambda connection: self._revoke(connection, sessions.c.digest == digest)
        )

    def _revoke(self, connection: Connection, which: Any) -> None:
        still_good = sessions.c.revoked_at.is_(None)
        connection.execute(update(sessions).where(which, still_good).values(revoked_at=self._now()))

    def forget_expired_sessions(self) -> Future[int]:
        """Delete sign-ins that are over; gives how many."""
        over = (sessions.c.expires_at <= self._now()) | sessions.c.revoked_at.is_not(None)
        statement = delete(sessions).where(over)
        return self._writer.run_beside(lambda connection: connection.execute(statement).rowcount)


def _must_leave_an_admin(connection: Connection, staff_id: str) -> None:
    """Keep others from changing accounts until the commit, and look who could still come in.

    SQLite has one writer, and needs no lock. In PostgreSQL two admins who take each other's right
    on two nodes come here one after the other, and the second reads what the first has done.
    """
    query = select(staff.c.id, staff.c.roles).where(staff.c.disabled.is_(False))
    rows = connection.execute(query.order_by(staff.c.id).with_for_update(key_share=True))
    if [row.id for row in rows if ADMIN in row.roles] == [staff_id]:
        raise LastAdmin("This is the last admin; make another one first.")


def _no_result(_: object) -> None:
    """Say nothing of a statement whose effect is all that matters."""


def _read_account(row: AnyRow) -> StaffAccount:
    return StaffAccount(
        id=row.id,
        login=row.login,
        name=row.name,
        roles=frozenset(row.roles),
        disabled=row.disabled,
        created_at=row.created_at,
    )

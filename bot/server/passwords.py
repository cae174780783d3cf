"""Passwords: made, hashed with Argon2id, checked in a bounded number of threads.

A check costs 64 MiB and a tenth of a second on purpose, so it never runs on the event loop and
never more than a few at once. A name that does not exist costs the same as a wrong password.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from bot.server.rates import refuse_when

P = ParamSpec("P")
T = TypeVar("T")

_ALPHABET = (
    "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that is mistaken for another when read aloud
)
_GROUPS, _GROUP_CHARACTERS = 4, 5
_WAITING = 20
"""Checks that may wait for a thread; more are refused at once, they would wait for seconds."""
_LONGEST = 1_024
"""Characters of a password that are looked at; a longer one is refused before it is hashed."""


def new_password() -> str:
    """Make a password of 99 random bits in four groups, easy to read and type."""
    groups = (
        "".join(secrets.choice(_ALPHABET) for _ in range(_GROUP_CHARACTERS)) for _ in range(_GROUPS)
    )
    return "-".join(groups)


def hash_password(password: str) -> str:
    """Hash a password for storing; blocks for about a tenth of a second."""
    return PasswordHasher().hash(password)


class PasswordChecks:
    """Checks passwords in at most `at_once` threads.

    Args:
        at_once: how many checks run at the same time; the others wait their turn.
        hasher: the parameters; tests pass cheap ones.
    """

    def __init__(self, at_once: int, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="password")
        # Takes a tenth of a second, for which no start has to wait.
        self._nobody = self._threads.submit(self._hasher.hash, secrets.token_hex())
        self._running = 0

    async def right(self, password: str, stored: str | None) -> bool:
        """Whether the password is right; `stored` is None for a name that does not exist.

        Raises:
            TooMany: too many checks wait already.
        """
        if len(password) > _LONGEST:
            return False
        return await self._in_thread(self._verify, password, stored)

    async def hashed(self, password: str) -> str:
        """Hash a new password. Raises TooMany as `right` does."""
        return await self._in_thread(self._hasher.hash, password)

    async def _in_thread(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        if self._running >= _WAITING:
            refuse_when(wait_seconds=_WAITING / 10)
        self._running += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, lambda: work(*args, **kwargs))
        finally:
            self._running -= 1

    def _verify(self, password: str, stored: str | None) -> bool:
        try:
            self._hasher.verify(stored or self._nobody.result(), password)
        except (VerificationError, InvalidHashError):
            return False
        return stored is not None

    def close(self) -> None:
        """Let the threads end."""
        self._threads.shutdown(wait=False, cancel_futures=True)

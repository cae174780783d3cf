"""Passwords: made, hashed with Argon2id, checked in a bounded number of threads.

A check costs 64 MiB and a tenth of a second on purpose, so it never runs on the event loop and
never more than a few at once. A name that does not exist costs the same as a wrong password.
"""

from __future__ import annotations

import asyncio
import secrets
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_ALPHABET = (
    "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that is mistaken for another when read aloud
)
_GROUPS, _GROUP_CHARACTERS = 4, 5
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
        self._nobody = self._hasher.hash(secrets.token_hex())

    async def right(self, password: str, stored: str | None) -> bool:
        """Whether the password is right; `stored` is None for a name that does not exist."""
        if len(password) > _LONGEST:
            return False
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._verify, password, stored)

    async def hashed(self, password: str) -> str:
        """Hash a new password in one of the threads."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._hasher.hash, password)

    def _verify(self, password: str, stored: str | None) -> bool:
        try:
            self._hasher.verify(stored or self._nobody, password)
        except (VerificationError, InvalidHashError):
            return False
        return stored is not None

    def close(self) -> None:
        """Let the threads end."""
        self._threads.shutdown(wait=False, cancel_futures=True)

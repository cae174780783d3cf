"""Makes the accounts of a first start, with passwords that are shown once and kept nowhere."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.transcripts.store import Transcripts

FIRST_ACCOUNTS = (("admin", "Admin", "admin"), ("staff", "Staff", "staff"))
"""Login, name and role of the accounts of a first start, each with a password of its own."""


def make_first_accounts(transcripts: Transcripts) -> list[tuple[str, str]]:
    """Make one admin and one staff account when there is none at all.

    Returns:
        Login and password of each, to be shown once; empty when there were accounts.
    """
    from bot.server.passwords import hash_password, new_password
    from bot.transcripts.errors import LoginTaken

    accounts = transcripts.accounts
    if accounts.all():
        return []
    made = []
    passwords = [new_password() for _ in FIRST_ACCOUNTS]
    with ThreadPoolExecutor(len(passwords)) as threads:
        hashes = list(threads.map(hash_password, passwords))
    for (login, name, role), password, hashed in zip(
        FIRST_ACCOUNTS, passwords, hashes, strict=True
    ):
        try:
            accounts.add(login, name, hashed, frozenset({role})).result()
        except LoginTaken:
            continue  # another node, started at the same moment, made it and shows its password
        made.append((login, password))
    transcripts.audit.append("shell", "first_accounts_made").result()
    return made


def begin_first_accounts(transcripts: Transcripts) -> Future[list[tuple[str, str]]]:
    """Call `make_first_accounts` in a thread: no shopper has to wait while passwords are hashed."""
    thread = ThreadPoolExecutor(1, thread_name_prefix="first-accounts")
    making = thread.submit(make_first_accounts, transcripts)
    thread.shutdown(wait=False)
    return making

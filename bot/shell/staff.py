"""`shopkeeper staff`: accounts of those who may sign in, without a running server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from bot.shell.output import (
    EXIT_USAGE,
    ConfigOption,
    JsonOption,
    fail,
    refusals_told,
    show,
)

if TYPE_CHECKING:
    from bot.transcripts.accounts import StaffAccount
    from bot.transcripts.store import Transcripts

staff = typer.Typer(
    help="Accounts of those who may sign in. Passwords are made, shown once, stored as hashes.\n\n"
    "With SQLite stop the server first (it is the only writer), or use the console.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)

LoginArgument = Annotated[str, typer.Argument(help="The name they sign in with.")]


@staff.command("list")
def list_staff(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """List every account."""
    with _transcripts(config) as transcripts:
        accounts = transcripts.accounts.all()
    if as_json:
        show([_account_json(account) for account in accounts])
        return
    for account in accounts:
        roles = "+".join(sorted(account.roles))
        state = "  disabled" if account.disabled else ""
        typer.echo(f"{account.login:<20} {roles:<12} {account.name}{state}")


@staff.command("add")
def add(
    login: LoginArgument,
    name: Annotated[str, typer.Option(help="The name that shoppers see.")] = "",
    role: Annotated[list[str] | None, typer.Option(help="staff or admin; may be repeated.")] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add an account and show its password, once."""
    roles = frozenset(role or ["staff"])
    if not roles <= {"staff", "admin"}:
        fail("--role is staff or admin.", EXIT_USAGE)
    _check(login, name or login)
    with _transcripts(config, may_begin=True) as transcripts:
        from bot.server.passwords import hash_password, new_password

        password = new_password()
        account = transcripts.accounts.add(
            login, name or login, hash_password(password), roles
        ).result()
        transcripts.audit.append("shell", "staff_added", login).result()
    _tell_password(account, password, as_json)


@staff.command("reset")
def reset(login: LoginArgument, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Give an account a new password, shown once; its sessions end."""
    with _transcripts(config) as transcripts:
        from bot.server.passwords import hash_password, new_password

        account = _find(transcripts, login)
        password = new_password()
        transcripts.accounts.set_password(account.id, hash_password(password)).result()
        transcripts.audit.append("shell", "password_reset", login).result()
    _tell_password(account, password, as_json)


@staff.command("disable")
def disable(login: LoginArgument, config: ConfigOption = None) -> None:
    """Lock somebody out; their sessions end."""
    _set_disabled(config, login, True)


@staff.command("enable")
def enable(login: LoginArgument, config: ConfigOption = None) -> None:
    """Let somebody in again."""
    _set_disabled(config, login, False)


@contextmanager
def _transcripts(config: ConfigOption, may_begin: bool = False) -> Iterator[Transcripts]:
    """Open the transcripts; a database is made only where the first account is."""
    with refusals_told():
        from bot.assemble.outside import open_store
        from bot.assemble.places import DATABASE
        from bot.settings import load_settings

        settings = load_settings(config)
        file = settings.state_folder.absolute() / DATABASE
        if not (may_begin or settings.database_url or file.is_file()):
            fail(
                f"There is no database at {file} yet. Run this where the server runs, or say where "
                "it is (setting state_folder)."
            )
        transcripts = open_store(settings)
        try:
            yield transcripts
        finally:
            transcripts.close()


def _check(login: str, name: str) -> None:
    """Refuse what the console would refuse: nobody could sign in with it, or be told by it."""
    from pydantic import ValidationError

    from bot.server.requests import NewStaffBody

    try:
        NewStaffBody(login=login, name=name, roles=["staff"])
    except ValidationError as error:
        wrong = {str(problem["loc"][0]) for problem in error.errors()}
        rule = "A login has 2 to 64 letters, digits or signs of . _ @ + - and no spaces."
        fail(rule if "login" in wrong else "A name has 1 to 200 characters.", EXIT_USAGE)


def _find(transcripts: Transcripts, login: str) -> StaffAccount:
    found = transcripts.accounts.by_login(login)
    if found is None:
        fail(f"There is no account {login}; `shopkeeper staff list` shows them.")
    return found[0]


def _set_disabled(config: ConfigOption, login: str, disabled: bool) -> None:
    with _transcripts(config) as transcripts:
        account = _find(transcripts, login)
        transcripts.accounts.set_disabled(account.id, disabled).result()
        act = "staff_disabled" if disabled else "staff_enabled"
        transcripts.audit.append("shell", act, login).result()
    typer.echo(f"{login} is {'disabled' if disabled else 'enabled'}.")


def _tell_password(account: StaffAccount, password: str, as_json: bool) -> None:
    if as_json:
        show({**_account_json(account), "password": password})
    else:
        typer.echo(f"{account.login}  {password}")
        typer.echo("The password is shown this once.", err=True)


def _account_json(account: StaffAccount) -> dict[str, object]:
    return {
        "id": account.id,
        "login": account.login,
        "name": account.name,
        "roles": sorted(account.roles),
        "disabled": account.disabled,
    }

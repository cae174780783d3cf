"""`shopkeeper serve`: loads, makes the first accounts, and serves until it is told to stop."""

from __future__ import annotations

import os
from concurrent.futures import Future
from typing import TYPE_CHECKING, Annotated

import typer

from bot.shell.output import ConfigOption, refusals_told, say

if TYPE_CHECKING:
    from bot.server.serve import Node
    from bot.transcripts.store import Transcripts


def serve(
    config: ConfigOption = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port; 0 takes a free one.")] = None,
    log_format: Annotated[str | None, typer.Option(help="json or console.")] = None,
) -> None:
    """Serve the chat, the inbox and the console on one port, until SIGTERM or Ctrl+C.

    On the very first start one admin and one staff account are made, with passwords that are
    printed this once and stored only as Argon2 hashes.

    Exit codes: 0 ended in order, 1 could not start or end in time, 2 settings, 3 models missing.
    """
    with refusals_told():
        from bot.server.loaded import begin_loading

        begin_loading()
        from bot.assemble.encoders import Loading
        from bot.assemble.node import assemble_node
        from bot.assemble.outside import open_store
        from bot.assemble.shop import load_shop
        from bot.assemble.whose_state import claim_state
        from bot.settings import load_settings, unknown_variables

        settings = load_settings(config, host=host, port=port, log_format=log_format)
        loading = Loading(settings)
        from bot.server.listening import open_socket
        from bot.server.logs import log_of, set_up_logs

        set_up_logs(settings)
        for name in unknown_variables(os.environ):
            log_of(__name__).warning("settings.unknown_variable", name=name)
        if settings.database_url.startswith("postgresql") and not settings.redis_url:
            log_of(__name__).warning("bus.this_node_alone", set="redis_url, for several nodes")
        with open_socket(settings) as listening:
            claim_state(settings, load_shop(settings))
            # Brings the tables up to date while the models load. It is closed again, because
            # what answers is forked from this process, which must have no threads then.
            open_store(settings, serving=True).close()
            from bot.server.serve import run_node  # the most of what is imported

            parts = assemble_node(settings, loading=loading)
            run_node(parts, listening, lambda node: _tell(node, parts.transcripts))


def _tell(node: Node, transcripts: Transcripts) -> None:
    """Print where the pages are, and then the passwords that nobody will see again."""
    from bot.assemble.first_accounts import begin_first_accounts
    from bot.server.pages import NOT_BUILT, built_pages

    settings = node.settings
    if not built_pages(settings.pages_folder).is_dir():
        say(NOT_BUILT)
    origin = settings.public_url or f"http://{_shown(settings.host)}:{node.port}"
    say("")
    say(f"  shop with the chat   {origin}/")
    say(f"  staff inbox          {origin}/inbox")
    say(f"  admin console        {origin}/console")
    say("")
    begin_first_accounts(transcripts).add_done_callback(_tell_passwords)


def _tell_passwords(first: Future[list[tuple[str, str]]]) -> None:
    try:
        passwords = first.result()
    except Exception as error:  # the edge of a thread: shoppers are served all the same
        from bot.server.logs import log_of

        log_of(__name__).error("accounts.not_made", why=str(error), how="shopkeeper staff add")
        return
    if passwords:
        say("  First start. These passwords are shown this once; change or reset them any time:")
        for login, password in passwords:
            say(f"  {login:<8} {password}")
        say("")


def _shown(host: str) -> str:
    """Give an address that a browser on this machine can open."""
    if host in ("0.0.0.0", "::"):
        return "localhost"
    return f"[{host}]" if ":" in host else host

"""`shopkeeper serve`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer

from bot.shell.output import ConfigOption, refusals_told, say

if TYPE_CHECKING:
    from bot.server.serve import Node


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
        from bot.assemble.encoders import begin_to_load
        from bot.assemble.first_accounts import make_first_accounts
        from bot.assemble.node import assemble_node
        from bot.assemble.shop import load_shop
        from bot.assemble.whose_state import claim_state
        from bot.settings import load_settings, unknown_variables

        settings = load_settings(config, host=host, port=port, log_format=log_format)
        loading = begin_to_load(settings)
        from bot.server.logs import log_of, set_up_logs
        from bot.server.serve import open_socket, run_node

        set_up_logs(settings)
        for name in unknown_variables(os.environ):
            log_of(__name__).warning("settings.unknown_variable", name=name)
        if settings.database_url.startswith("postgresql") and not settings.redis_url:
            log_of(__name__).warning("bus.this_node_alone", set="redis_url, for several nodes")
        with open_socket(settings) as listening:
            claim_state(settings, load_shop(settings))
            parts = assemble_node(settings, loading=loading)
            passwords = make_first_accounts(parts.transcripts)
            run_node(parts, listening, lambda node: _tell(node, passwords))


def _tell(node: Node, passwords: list[tuple[str, str]]) -> None:
    """Print where the pages are, and the passwords that nobody will see again."""
    from bot.server.pages import NOT_BUILT, built_pages

    settings = node.settings
    if not built_pages(settings.pages_folder).is_dir():
        say(NOT_BUILT)
    origin = settings.public_url or f"http://{_shown(settings.host)}:{node.port}"
    say("")
    say(f"  shop with the chat   {origin}/")
    say(f"  staff inbox          {origin}/inbox")
    say(f"  admin console        {origin}/console")
    if passwords:
        say("")
        say("  First start. These passwords are shown this once; change or reset them any time:")
        for login, password in passwords:
            say(f"  {login:<8} {password}")
    say("")


def _shown(host: str) -> str:
    """Give an address that a browser on this machine can open."""
    if host in ("0.0.0.0", "::"):
        return "localhost"
    return f"[{host}]" if ":" in host else host

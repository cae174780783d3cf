"""Every setting of Shopkeeper: one table with name, default, meaning and, for limits, the reason.

A value comes from the first place that names it: the environment (`SHOPKEEPER_<NAME>`), the TOML
file (`shopkeeper.toml`, or the one named by `--config` or `SHOPKEEPER_CONFIG`), the default here.
docs/settings.md is made from this table and a test compares them.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator
from pydantic.fields import FieldInfo

from bot.errors import SettingsRefused

PREFIX = "SHOPKEEPER_"
CONFIG_VARIABLE = "SHOPKEEPER_CONFIG"
DEFAULT_CONFIG = Path("shopkeeper.toml")

MOST: Mapping[str, int] = {"_days": 36_500, "_hours": 876_000, "_seconds": 31_536_000, "": 10**12}
"""By the end of its name, the most that a number may be: a century, or a year of seconds."""


def _setting(default: Any, group: str, help: str, **bounds: Any) -> Any:
    return Field(default, description=help, json_schema_extra={"group": group}, **bounds)


def _limit(default: Any, group: str, help: str, reason: str, **bounds: Any) -> Any:
    extra: Any = {"group": group, "reason": reason}
    return Field(default, description=help, json_schema_extra=extra, **bounds)


class Settings(BaseModel):
    """All settings. Frozen; made once by `load_settings` and handed to the parts."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)

    # places
    shop_folder: Path = _setting(
        Path("demo_shop"), "Places", "Folder with everything the program knows about the shop."
    )
    state_folder: Path = _setting(
        Path("var"),
        "Places",
        "Folder for converted models, knowledge-base versions and the SQLite file.",
    )
    weights_cache: Path = _setting(
        Path("~/.cache/shopkeeper"),
        "Places",
        "Folder where downloaded weights are kept between installations.",
    )
    pages_folder: Path = _setting(
        Path("web_widget/dist"), "Places", "Folder with the built pages and widget.js."
    )
    database_url: str = _setting(
        "",
        "Places",
        "SQLAlchemy address of the transcripts (postgresql+psycopg://…). "
        "Empty: SQLite in the state folder.",
    )
    redis_url: str = _setting(
        "",
        "Places",
        "Address of Redis or Valkey, needed only with several nodes. Empty: one node.",
    )

    # serving
    host: str = _setting("127.0.0.1", "Serving", "Address to listen on.")
    port: int = _setting(8080, "Serving", "Port to listen on; 0 takes a free one.", ge=0, le=65535)
    public_url: str = _setting(
        "",
        "Serving",
        "Address shoppers see (https://chat.example.com) when a proxy stands in front. "
        "With https, cookies are marked Secure.",
    )
    allowed_origins: tuple[str, ...] = _setting(
        (),
        "Serving",
        "Shops whose pages may hold the chat in its frame, each exactly as a browser writes its "
        "origin (https://www.example.com). Pages of the server itself always may.",
    )
    trusted_proxies: tuple[str, ...] = _setting(
        (),
        "Serving",
        "Addresses or networks of proxies whose X-Forwarded-For is believed.",
    )
    log_format: Literal["auto", "json", "console"] = _setting(
        "auto",
        "Serving",
        "How log lines look; `auto` is `console` at a terminal and `json` elsewhere. "
        "They never hold message text.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = _setting(
        "info", "Serving", "The least severe log lines that are written."
    )
    metrics_from: tuple[str, ...] = _setting(
        ("127.0.0.0/8", "::1/128"),
        "Serving",
        "Networks that may read /metrics without signing in.",
    )

    # understanding and answering
    encoder: str = _setting(
        "multilingual-e5-small",
        "Answering",
        "Catalogue name of the sentence encoder; `hashed` needs no weights and knows no meaning: "
        "to look at the program, not to train with.",
    )
    second_encoder: str = _setting(
        "all-MiniLM-L6-v2",
        "Answering",
        "Catalogue name of an English encoder that is asked about what is not Chinese: by search, "
        "and by intents where training finds that it gains; `off` to do without. Run "
        "`shopkeeper prepare` after changing it.",
    )
    fine_tuning: Literal["on", "off"] = _setting(
        "on",
        "Answering",
        "`on` lets `shopkeeper train` fine-tune the encoders for the shop's intents where that "
        "gains on its own phrases. It takes minutes, and a millisecond a message.",
    )
    generator: str = _setting(
        "gemma-3-270m",
        "Answering",
        "Catalogue name of the model that writes answers, or `off`: then only known answers, "
        "actions and people answer.",
    )
    action_server_url: str = _setting(
        "",
        "Answering",
        "Address of a remote rasa action server (…/webhook). Empty: actions run in this process.",
    )
    action_modules: tuple[str, ...] = _setting(
        (),
        "Answering",
        "Python modules with the shop's own rasa-sdk actions, run in this process.",
    )
    answering_threads: int = _limit(
        2,
        "Answering",
        "Batches of turns answered at the same time.",
        "models use one compute thread each; more batches than spare cores only queue",
        ge=1,
        le=64,
    )
    answering_process: bool = _limit(
        True,
        "Answering",
        "Answer in a second process beside the server (Linux, two cores or more; some 40 MB). "
        "`false` if an action module of yours opens connections or threads when it is imported.",
        "Python runs one thread of a process at a time: answers would hold up what is accepted",
    )
    answering_batch: int = _limit(
        32,
        "Answering",
        "Turns answered together at most.",
        "encoding together is cheaper per turn, but the first of a large batch waits for the last",
        ge=1,
        le=256,
    )
    waiting_turns: int = _limit(
        512,
        "Answering",
        "Turns that may wait for the answerer; beyond it a turn goes to people at once.",
        "a queue that is never emptied within the turn's time answers nobody",
        ge=1,
    )
    turn_seconds: float = _limit(
        8.0,
        "Answering",
        "Time for one whole turn; after it the turn goes to people with an apology.",
        "a shopper is never left waiting on a model that hangs",
        gt=0,
        le=120,
    )
    burst_seconds: float = _limit(
        0.7,
        "Answering",
        "How long a message that looks unfinished (a greeting, a word or two) waits for the next.",
        "people send 'hi' and then ask; a complete question is never delayed",
        ge=0,
        le=5,
    )
    generator_answers: int = _limit(
        10,
        "Answering",
        "Written answers for one conversation in ten minutes; then known answers or people.",
        "writing costs seconds of a core, and a visitor could buy all of it",
        ge=0,
    )

    writing_seconds: float = _limit(
        5.0,
        "Answering",
        "Time for one written answer, waiting included; then the answer without it is given.",
        "a shopper would rather have a person than wait",
        gt=0,
        le=60,
    )
    waiting_writes: int = _limit(
        8,
        "Answering",
        "Turns that may wait for the generator.",
        "more could not be written in time anyway",
        ge=0,
    )

    # messages and frames
    text_characters: int = _limit(
        4_000,
        "Messages",
        "Characters in one message.",
        "longer texts are pastes, not questions",
        ge=1,
        le=16_000,
    )
    frame_bytes: int = _limit(
        65_536,
        "Messages",
        "Bytes in one frame.",
        "room for 4,000 characters of any script with escapes",
        ge=1_024,
        le=1_048_576,
    )
    frame_depth: int = _limit(
        8, "Messages", "Levels of nesting in one frame.", "no frame of ours needs more than 4", ge=3
    )
    unaccepted_messages: int = _limit(
        3,
        "Messages",
        "Messages of one connection that may wait to be stored.",
        "more in flight is a script, and each holds memory",
        ge=1,
    )
    waiting_to_be_stored: int = _limit(
        256,
        "Messages",
        "What may wait for the disk on one node before further messages are put off (`overload`).",
        "two groups of commits; in a longer queue the answers of those inside come too late",
        ge=1,
    )
    messages_per_second: float = _limit(
        1.0, "Messages", "Lasting rate of one shopper's messages.", "faster than people type", gt=0
    )
    messages_burst: int = _limit(
        5, "Messages", "Messages a shopper may send at once.", "people do send short bursts", ge=1
    )
    messages_per_minute: int = _limit(
        30, "Messages", "Messages of one shopper in a minute.", "a talk, not a flood", ge=1
    )
    conversations_per_minute: float = _limit(
        10.0,
        "Messages",
        "Lasting rate of new conversations from one address.",
        "each is kept for ever",
        gt=0,
    )
    conversations_burst: int = _limit(
        50, "Messages", "New conversations from one address at once.", "an office, a school", ge=1
    )
    signals_per_second: float = _limit(
        10.0,
        "Messages",
        "Lasting rate of typing, seen, more and tick frames of one connection.",
        "they cost little, but not nothing",
        gt=0,
    )
    staff_messages_per_second: float = _limit(
        5.0,
        "Messages",
        "Lasting rate of one staff member's frames.",
        "canned replies in several chats",
        gt=0,
    )
    bad_frames: int = _limit(
        20,
        "Messages",
        "Bad frames in a minute before a connection is closed with 4101.",
        "a broken page makes a few, an attacker many",
        ge=1,
    )
    page_title_characters: int = _limit(
        300,
        "Messages",
        "Characters kept of a page title or address.",
        "they are shown to staff",
        ge=1,
    )

    # connections
    hello_seconds: float = _limit(
        10.0, "Connections", "Time for the first frame.", "silent sockets hold memory", gt=0
    )
    handshake_seconds: float = _limit(
        5.0, "Connections", "Time for a request's head to arrive.", "slow heads hold sockets", gt=0
    )
    handshakes_per_second: float = _limit(
        10.0, "Connections", "New sockets a second from one address.", "a reconnect storm", gt=0
    )
    handshakes_burst: int = _limit(
        30,
        "Connections",
        "New sockets from one address at once.",
        "an office behind one address",
        ge=1,
    )
    sockets_per_visitor: int = _limit(
        5,
        "Connections",
        "Open sockets on one conversation.",
        "tabs and devices of one person",
        ge=1,
    )
    sockets_per_address: int = _limit(
        50,
        "Connections",
        "Open sockets from one address.",
        "one address can be an office; behind a proxy set trusted_proxies, or all share it",
        ge=1,
    )
    queue_events: int = _limit(
        256,
        "Connections",
        "Frames that may wait for a slow reader.",
        "then 4208; resume is cheap",
        ge=16,
    )
    queue_bytes: int = _limit(
        1_048_576,
        "Connections",
        "Bytes that may wait for a slow reader.",
        "200 of them cost 200 MiB",
        ge=65_536,
    )
    tick_seconds: float = _limit(
        25.0,
        "Connections",
        "Time between ticks.",
        "pages cannot see pings; proxies cut at 60 s",
        gt=0,
    )
    ping_seconds: float = _limit(
        20.0,
        "Connections",
        "Time between pings, and for their answer.",
        "a dead link ends in 45 s",
        gt=0,
    )
    sends_stall_seconds: float = _limit(
        10.0,
        "Connections",
        "How long one frame may wait for the network before the link is cut.",
        "a reader that takes nothing for this long is gone or hostile",
        gt=0,
    )
    replay_events: int = _limit(
        300,
        "Connections",
        "Events replayed on resume; beyond it the page starts over.",
        "one page",
        ge=1,
    )
    start_over_events: int = _limit(
        100, "Connections", "Events sent when a page starts over.", "fills any screen", ge=1
    )
    older_events: int = _limit(
        100, "Connections", "Events in one page of older ones.", "as above", ge=1
    )

    # staff and sign-in
    session_idle_hours: float = _limit(
        12.0, "Sign-in", "A session ends after this long without use.", "a shift", gt=0
    )
    session_days: float = _limit(
        7.0, "Sign-in", "A session ends after this long in any case.", "a stolen cookie dies", gt=0
    )
    sign_in_tries: int = _limit(
        10,
        "Sign-in",
        "Tries for one account in 15 minutes; then it is locked for the rest of them.",
        "guessing is slow even at the account's own name",
        ge=1,
    )
    sign_in_tries_per_address: int = _limit(
        5, "Sign-in", "Tries from one address in 5 minutes.", "people mistype, scripts guess", ge=1
    )
    sign_in_hashes: int = _limit(
        2,
        "Sign-in",
        "Passwords checked at the same time.",
        "each takes 64 MiB for a tenth of a second; more would starve the chats",
        ge=1,
        le=16,
    )
    password_characters: int = _limit(
        12,
        "Sign-in",
        "Least length of a password.",
        "length is what resists guessing",
        ge=8,
        le=128,
    )
    revoke_seconds: float = _limit(
        0.5,
        "Sign-in",
        "How often open staff sockets look whether their session still stands.",
        "a revocation reaches every socket within a second, on any node",
        gt=0,
    )

    # admin
    upload_bytes: int = _limit(
        20_971_520, "Admin", "Bytes of one uploaded file.", "some 100,000 entries", ge=1
    )
    uploads_per_hour: int = _limit(60, "Admin", "Uploads of one admin in an hour.", "a disk", ge=1)
    body_bytes: int = _limit(
        262_144, "Admin", "Bytes of any other request.", "no request of ours is larger", ge=1_024
    )
    jobs_kept: int = _limit(50, "Admin", "Finished jobs whose report is kept.", "memory", ge=1)
    shared_versions: int = _limit(
        10,
        "Admin",
        "Published versions that PostgreSQL keeps for its nodes, and trained sets that it or a "
        "machine alone keeps.",
        "to go back to; each may be hundreds of megabytes in a large shop",
        ge=1,
    )
    requests_per_second: float = _limit(
        20.0, "Admin", "Lasting rate of requests from one address.", "pages need a few", gt=0
    )
    requests_burst: int = _limit(
        100, "Admin", "Requests from one address at once.", "page loads", ge=1
    )

    # ending
    drain_seconds: float = _limit(
        10.0,
        "Ending",
        "Time for running answers after SIGTERM.",
        "the rest resume after start",
        ge=0,
    )
    spread_seconds: float = _limit(
        10.0,
        "Ending",
        "Time over which sockets are told to come again.",
        "no storm on the next",
        ge=0,
    )
    exit_seconds: float = _limit(
        30.0,
        "Ending",
        "The process ends within this time of SIGTERM.",
        "what supervisors allow",
        gt=0,
    )
    bus_poll_seconds: float = _limit(
        2.0, "Ending", "How often a node looks for what the bus may have lost.", "freshness", gt=0
    )

    # what leaves the house
    webhook_url: str = _setting(
        "",
        "Leaving the house",
        "Address that is told by a signed POST of every handoff, ending, rating and mention. "
        "Empty: nobody is told.",
    )
    webhook_secret: str = _setting(
        "",
        "Leaving the house",
        "Shared with the receiver, at least 16 characters; signs every POST (HMAC-SHA256).",
    )
    webhook_allow_private: bool = _limit(
        False,
        "Leaving the house",
        "Whether webhook_url may lie inside a private network or on this machine.",
        "a mistyped or planted address must not reach what is not public",
    )
    webhook_seconds: float = _limit(
        10.0,
        "Leaving the house",
        "Time for one POST, answer included.",
        "a receiver that hangs must not hold up the others",
        gt=0,
        le=60,
    )
    mail_host: str = _setting(
        "", "Leaving the house", "Mail server that tells staff who waits. Empty: no e-mail."
    )
    mail_port: int = _limit(
        587,
        "Leaving the house",
        "Port of the mail server.",
        "587 is for STARTTLS, 465 for SSL",
        ge=1,
        le=65_535,
    )
    mail_security: Literal["starttls", "ssl", "none"] = _setting(
        "starttls", "Leaving the house", "How the mail server is spoken to."
    )
    mail_user: str = _setting("", "Leaving the house", "Name at the mail server, if it asks.")
    mail_password: str = _setting("", "Leaving the house", "Password at the mail server.")
    mail_sender: str = _setting("", "Leaving the house", "E-mail address that mails come from.")
    mail_recipients: tuple[str, ...] = _setting(
        (), "Leaving the house", "E-mail addresses that are told."
    )
    delivery_tries: int = _limit(
        20,
        "Leaving the house",
        "Deliveries that may fail before an item is put aside as a dead letter.",
        "about half a day of an absent receiver, then the next item of its conversation may go",
        ge=1,
    )

    # the desk
    routing: Literal["pick", "round_robin", "least_busy"] = _setting(
        "pick",
        "Desk",
        "How waiting shoppers come to people: they pick, or they are given to whoever got one "
        "longest ago, or to whoever holds the fewest.",
    )
    staff_away_seconds: float = _limit(
        120.0,
        "Desk",
        "How long a holder may be without an open inbox before the shopper goes back to the "
        "queue; 0: for ever.",
        "longer than a reload of the page or a lift, shorter than a shopper's patience",
        ge=0,
    )
    first_reply_seconds: float = _limit(
        120.0,
        "Desk",
        "Time within which staff should answer a shopper who began to wait.",
        "an alarm in the inbox, not a promise to the shopper",
        gt=0,
    )
    next_reply_seconds: float = _limit(
        300.0, "Desk", "Time within which staff should answer each later message.", "an alarm", gt=0
    )

    rating_quiet_seconds: float = _limit(
        180.0,
        "Desk",
        "After this long without a word since the bot's answer the shopper is asked how satisfied "
        "they are; 0: only at the end.",
        "most shoppers leave without ending the conversation",
        ge=0,
    )

    # retention
    keep_closed_days: int = _limit(
        365,
        "Retention",
        "Days after its last event that a conversation is kept which has ended, or which the "
        "shopper left with the bot; 0: for ever. What an admin sets in the console holds instead "
        "of these three.",
        "what is not kept cannot leak",
        ge=0,
    )
    keep_traces_days: int = _limit(
        30,
        "Retention",
        "Days that the reasons behind the bot's answers are kept; 0: as long as the conversation.",
        "needed to see why it answered so, then no longer",
        ge=0,
    )
    keep_delivered_days: int = _limit(
        7,
        "Retention",
        "Days that delivered notifications are remembered; 0: as long as the conversation.",
        "needed to look into a lost notification, then no longer",
        ge=0,
    )

    @field_validator("shop_folder", "state_folder", "weights_cache", "pages_folder")
    @classmethod
    def _expand(cls, folder: Path) -> Path:
        return folder.expanduser()

    @field_validator("*")
    @classmethod
    def _within_reason(cls, value: Any, info: ValidationInfo) -> Any:
        """Refuse what no clock or counter of a machine could take, such as `inf` seconds."""
        if isinstance(value, int | float):
            most = next((most for end, most in MOST.items() if str(info.field_name).endswith(end)))
            if not value <= most:
                raise ValueError(f"at most {most:,} can be set")
        return value

    @field_validator("allowed_origins")
    @classmethod
    def _exact_origins(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        for origin in origins:
            if origin != origin_of(origin):
                raise ValueError(
                    f"{origin!r} is not an origin: write scheme, host and port only, in lower "
                    "case, as https://www.example.com"
                )
        return origins

    @field_validator("public_url")
    @classmethod
    def _public(cls, url: str) -> str:
        if url and origin_of(url) is None:
            raise ValueError("write the whole address, as https://chat.example.com")
        if url and (urlsplit(url).path.strip("/") or {"?", "#"} & set(url)):
            raise ValueError("leave out what follows the host: the pages lie at its root")
        return url.rstrip("/")

    @field_validator("trusted_proxies", "metrics_from")
    @classmethod
    def _networks(cls, networks: tuple[str, ...]) -> tuple[str, ...]:
        for network in networks:
            ip_network(network, strict=False)
        return networks

    @property
    def secure_cookies(self) -> bool:
        """Whether cookies are for https alone."""
        return self.public_url.startswith("https://")


def origin_of(address: str) -> str | None:
    """Give the origin of an http(s) address as a browser writes it, None when it has none."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None:
        return None
    if not re.fullmatch(r"[a-z0-9._:-]+", parts.hostname):
        return None  # also because origins are written into a content policy
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    default = {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{host}" + ("" if port in (None, default) else f":{port}")


def load_settings(
    config: Path | None = None,
    environ: Mapping[str, str] | None = None,
    **overrides: Any,
) -> Settings:
    """Read the settings.

    Args:
        config: the TOML file; None takes SHOPKEEPER_CONFIG, then `shopkeeper.toml` if it exists.
        environ: the environment; None takes the process's.
        overrides: values that stand above all others (the shell's options).

    Raises:
        SettingsRefused: a file that is missing or not TOML, an unknown name, a wrong value.
    """
    environ = os.environ if environ is None else environ
    values = _from_file(_config_file(config, environ))
    values.update(_from_environment(environ))
    values.update({name: value for name, value in overrides.items() if value is not None})
    try:
        return Settings(**values)
    except ValidationError as error:
        raise SettingsRefused(_explain(error)) from error


def _config_file(config: Path | None, environ: Mapping[str, str]) -> Path | None:
    named = config or (Path(environ[CONFIG_VARIABLE]) if environ.get(CONFIG_VARIABLE) else None)
    if named is not None:
        return named
    return DEFAULT_CONFIG if DEFAULT_CONFIG.exists() else None


def _from_file(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise SettingsRefused(f"There is no settings file {path}; check the name.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsRefused(f"{path} is not TOML: {error}.") from error
    return values


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, field in Settings.model_fields.items():
        text = environ.get(PREFIX + name.upper())
        if text:
            values[name] = _split(text) if _is_list(field) else text
    return values


def unknown_variables(environ: Mapping[str, str]) -> list[str]:
    """Names that begin like a setting and are none, each with what may be meant."""
    known = {PREFIX + name.upper() for name in Settings.model_fields} | {CONFIG_VARIABLE}
    strange = sorted(name for name in environ if name.startswith(PREFIX) and name not in known)
    return [_meant(name, sorted(known)) for name in strange]


def _meant(name: str, known: list[str]) -> str:
    close = get_close_matches(name, known, n=1)
    return f"{name} (did you mean {close[0]}?)" if close else name


def _is_list(field: FieldInfo) -> bool:
    return field.annotation == tuple[str, ...]


def _split(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _explain(error: ValidationError) -> str:
    lines = []
    for problem in error.errors():
        name = ".".join(str(part) for part in problem["loc"])
        if problem["type"] == "extra_forbidden":
            lines.append(f"There is no setting {_meant(name, list(Settings.model_fields))}.")
        else:
            lines.append(f"{name}: {problem['msg']}.")
    return " ".join(lines) + " docs/settings.md lists all settings."


def settings_page() -> str:
    """docs/settings.md, made from the table above."""
    lines = [
        "# Settings",
        "",
        "Made from `bot/settings.py` by `python -m bot.settings`; a test compares the two.",
        "",
        "A value is taken from the first place that names it: an option of the command, the",
        "environment (`SHOPKEEPER_` and the name in capitals; lists are separated by commas), the",
        "TOML file (`shopkeeper.toml`, or the one named by `--config` or `SHOPKEEPER_CONFIG`), the",
        "default. An unknown name in the file is refused.",
    ]
    group = None
    for name, field in Settings.model_fields.items():
        extra = field.json_schema_extra
        assert isinstance(extra, dict)
        if extra["group"] != group:
            group = extra["group"]
            lines += ["", f"## {group}", "", "| name | default | meaning |", "|---|---|---|"]
        reason = f" *Why: {extra['reason']}.*" if "reason" in extra else ""
        lines.append(f"| `{name}` | {_shown(field.default)} | {field.description}{reason} |")
    return "\n".join(lines) + "\n"


def _shown(default: Any) -> str:
    if default in ("", ()):
        return "–"
    if isinstance(default, tuple):
        return "`" + ", ".join(default) + "`"
    return f"`{default}`"


if __name__ == "__main__":
    Path("docs/settings.md").write_text(settings_page(), encoding="utf-8")

"""Settings of where things lie, how the server is reached, and how it ends."""

from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, field_validator

from bot.origins import origin_of
from bot.setting_groups.rows import limit, setting


class Places(BaseModel):
    """Where things lie."""

    shop_folder: Path = setting(
        Path("demo_shop"), "Folder with everything the program knows about the shop."
    )
    state_folder: Path = setting(
        Path("var"), "Folder for converted models, knowledge-base versions and the SQLite file."
    )
    weights_cache: Path = setting(
        Path("~/.cache/shopkeeper"),
        "Folder where downloaded weights are kept between installations.",
    )
    pages_folder: Path = setting(
        Path("web_widget/dist"), "Folder with the built pages and widget.js."
    )
    database_url: str = setting(
        "",
        "SQLAlchemy address of the transcripts (postgresql+psycopg://…). "
        "Empty: SQLite in the state folder.",
    )
    redis_url: str = setting(
        "", "Address of Redis or Valkey, needed only with several nodes. Empty: one node."
    )

    @field_validator("shop_folder", "state_folder", "weights_cache", "pages_folder")
    @classmethod
    def _expand(cls, folder: Path) -> Path:
        return folder.expanduser()


class Serving(BaseModel):
    """How the server is reached, and what it writes down."""

    host: str = setting("127.0.0.1", "Address to listen on.")
    port: int = setting(8080, "Port to listen on; 0 takes a free one.", ge=0, le=65535)
    public_url: str = setting(
        "",
        "Address shoppers see (https://chat.example.com) when a proxy stands in front. "
        "With https, cookies are marked Secure.",
    )
    allowed_origins: tuple[str, ...] = setting(
        (),
        "Shops whose pages may hold the chat in its frame, each exactly as a browser writes its "
        "origin (https://www.example.com). Pages of the server itself always may.",
    )
    trusted_proxies: tuple[str, ...] = setting(
        (), "Addresses or networks of proxies whose X-Forwarded-For is believed."
    )
    log_format: Literal["auto", "json", "console"] = setting(
        "auto",
        "How log lines look; `auto` is `console` at a terminal and `json` elsewhere. "
        "They never hold message text.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = setting(
        "info", "The least severe log lines that are written."
    )
    metrics_from: tuple[str, ...] = setting(
        ("127.0.0.0/8", "::1/128"), "Networks that may read /metrics without signing in."
    )

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


class Ending(BaseModel):
    """How a node ends, and the next takes over."""

    drain_seconds: float = limit(
        10.0, "Time for running answers after SIGTERM.", "the rest resume after start", ge=0
    )
    spread_seconds: float = limit(
        10.0, "Time over which sockets are told to come again.", "no storm on the next", ge=0
    )
    exit_seconds: float = limit(
        30.0, "The process ends within this time of SIGTERM.", "what supervisors allow", gt=0
    )
    bus_poll_seconds: float = limit(
        2.0, "How often a node looks for what the bus may have lost.", "freshness", gt=0
    )

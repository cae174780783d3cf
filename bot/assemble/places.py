"""Where things lie that a node makes and keeps: folders below the state folder, the database."""

from __future__ import annotations

from pathlib import Path

from bot.settings import Settings

DATABASE = "shopkeeper.sqlite3"


def knowledge_folder(settings: Settings) -> Path:
    """Where published versions of the knowledge base lie."""
    return settings.state_folder / "knowledge"


def intents_folder(settings: Settings) -> Path:
    """Where `shopkeeper train` leaves the intent classifier."""
    return settings.state_folder / "intents"


def takeover_folder(settings: Settings) -> Path:
    """Where `shopkeeper train takeover` leaves what it learnt."""
    return settings.state_folder / "takeover"


def database_url(settings: Settings) -> str:
    """Give the address of the transcripts; the state folder's SQLite file unless one is set."""
    if settings.database_url:
        return settings.database_url
    folder = settings.state_folder.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    return f"sqlite:///{folder / DATABASE}"

"""What a row of the table says: the default, the meaning and, for a limit, the reason."""

from __future__ import annotations

from typing import Any

from pydantic import Field


def setting(default: Any, help: str, **bounds: Any) -> Any:
    """Make a row of what a shop chooses; `bounds` are those of pydantic (`ge`, `le`, `gt`)."""
    return Field(default, description=help, **bounds)


def limit(default: Any, help: str, reason: str, **bounds: Any) -> Any:
    """Make a row of what protects the server; it says why the default is what it is."""
    return Field(default, description=help, json_schema_extra={"reason": reason}, **bounds)

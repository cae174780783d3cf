"""Origins, as browsers write them: what two addresses share when one page may trust the other."""

from __future__ import annotations

import re
from urllib.parse import urlsplit


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

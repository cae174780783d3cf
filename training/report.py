"""Writes the report of `shopkeeper evaluate shop`: JSON, or one HTML page with its pictures."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from training.refusal_texts import LabelledTextRefused
from training.report_page import report_page
from training.report_words import PageLanguage


def refuse_other_endings(path: Path) -> None:
    """Refuse a name that is neither .json nor .html, before anything is measured.

    Raises:
        LabelledTextRefused: it is neither.
    """
    if path.suffix not in (".json", ".html"):
        raise LabelledTextRefused(f"{path}: a report is a .json or a .html file.")


def write_report(path: Path, report: Mapping[str, Any], language: PageLanguage = "en") -> None:
    """Write JSON for a name that ends in .json, HTML for .html; whole or not at all.

    Args:
        language: of the page; JSON has none.

    Raises:
        LabelledTextRefused: another ending, or it cannot be written.
    """
    refuse_other_endings(path)
    if path.suffix == ".json":
        written = json.dumps(report, ensure_ascii=False, indent=1) + "\n"
    else:
        written = report_page(report, language)
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}.new")
    try:
        fresh.write_text(written, encoding="utf-8", errors="replace")
        os.replace(fresh, path)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        raise LabelledTextRefused(f"{path} cannot be written: {error.strerror}.") from None

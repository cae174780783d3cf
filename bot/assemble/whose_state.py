"""Whose shop a state folder is: what one shop learnt and published must never answer for another.

Somebody tries the demo shop and then names a folder of their own: without this, entries of the
demo would stand beside theirs, and nobody would see it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from bot.errors import StartRefused
from bot.settings import Settings
from knowledge_base.folder import write_file

if TYPE_CHECKING:
    from bot.answering.shop import Shop

MARK = "shop.json"
"""In the state folder: the shop's names."""


def claim_state(settings: Settings, shop: Shop) -> None:
    """Note whose state folder this is; the first shop that is prepared or served there has it.

    Raises:
        StartRefused: it is another shop's.
    """
    mark, names = settings.state_folder / MARK, dict(shop.names)
    if not mark.exists():
        settings.state_folder.mkdir(parents=True, exist_ok=True)
        write_file(mark, json.dumps(names, ensure_ascii=False))
        return
    try:
        before = json.loads(mark.read_text(encoding="utf-8"))
    except ValueError:
        before = None
    if before != names:
        was = before["en"] if isinstance(before, dict) and "en" in before else "another shop"
        raise StartRefused(
            f"{settings.state_folder} holds what {was} published and learnt, and this shop is "
            f"{names['en']} ({settings.shop_folder}). Set state_folder to a folder of its own and "
            "run `shopkeeper models fetch` and `shopkeeper prepare`; or, where it is the same shop "
            f"under a new name, delete {mark}."
        )

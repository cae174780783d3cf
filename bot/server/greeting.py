"""What a widget is told when it connects: who speaks, for which shop, within which limits."""

from __future__ import annotations

from typing import Any

from bot.answering.answer import Language
from bot.answering.shop import Shop
from bot.conversation.conversation import ConversationState
from bot.conversation.events import Stage
from bot.settings import Settings

LABEL = {"zh": "智能助手", "en": "Automatic assistant"}
"""Stands on every page and beside every bot message, so that nobody takes the bot for a person."""


def both(shop: Shop, key: str) -> dict[str, str]:
    """Give a text of the shop in both languages."""
    return {"zh": shop.say(key, "zh"), "en": shop.say(key, "en")}


def welcome_fields(
    shop: Shop,
    settings: Settings,
    epoch: str,
    language: Language,
    state: ConversationState | None,
) -> dict[str, Any]:
    """Give the fields of `welcome`, for a conversation or before there is one."""
    return {
        "conversation": None if state is None else state.id,
        "epoch": epoch,
        "stage": Stage.WITH_BOT.value if state is None else state.stage.value,
        "last_seq": 0 if state is None else state.last_seq,
        "language": language,
        "label": LABEL,
        "shop": {"zh": shop.names["zh"], "en": shop.names["en"]},
        "limits": {
            "text_characters": settings.text_characters,
            "unaccepted": settings.unaccepted_messages,
            "messages_per_minute": settings.messages_per_minute,
        },
        "buttons": {"talk_to_person": both(shop, "talk_to_person_button")},
        "warning": both(shop, "personal_data_warning"),
        "greeting": both(shop, "greeting"),
        "score": None if state is None else state.score,
    }

"""Known answers that fit what a shopper said last, for the one who answers. Synchronous."""

from __future__ import annotations

from typing import Any

from bot.conversation.conversation import SHOPPER
from bot.conversation.events import PRIVATE_KINDS, ConversationId, Event, EventKind
from bot.server.knowledge_desk import KnowledgeDesk
from bot.server.turns import language_from
from bot.transcripts.store import TranscriptStore

MOST_SUGGESTED = 5
LOOKED_AT = 40
"""Events that are looked at for the shopper's last words."""

MOST_CHARACTERS = 2_000
"""Of the shopper's last words; more says nothing more to a search."""

_SAYING = frozenset({EventKind.SHOPPER_SAID, EventKind.MESSAGE_LEFT})


def suggest(
    store: TranscriptStore, knowledge: KnowledgeDesk, conversation: ConversationId, text: str
) -> dict[str, Any]:
    """Find entries; gives the fields `text` and `replies` of `suggestions`.

    Raises:
        UnknownConversation: there is none.
    """
    view = store.newest(conversation, LOOKED_AT)
    wanted = text.strip() or last_words(view.events)
    found: list[dict[str, Any]] = []
    if wanted and knowledge.is_there:
        hits = knowledge.search(wanted, language_from(view.state.language), MOST_SUGGESTED)
        found = [_reply(hit) for hit in hits["hits"]]
    return {"text": wanted, "replies": found}


def last_words(events: tuple[Event, ...]) -> str:
    """Join what the shopper said since anybody else said something they could see."""
    said: list[str] = []
    for event in reversed(events):
        if event.author == SHOPPER and event.kind in _SAYING:
            said.append(event.text)
        elif said and event.text and event.kind not in PRIVATE_KINDS:
            break
    return "\n".join(reversed(said))[-MOST_CHARACTERS:]


def _reply(hit: dict[str, Any]) -> dict[str, Any]:
    return {
        "entry": hit["id"],
        "question": hit["question"],
        "answer": hit["answer"],
        "language": hit["language"],
        "score": hit["score"],
    }

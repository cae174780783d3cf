"""A question as models are asked it: what a shopper typed, without what is no part of it.

Serving and measuring share it, so that a slip of the fingers is mended in both.
"""

from __future__ import annotations

from bot.answering.chat_words import written_out
from bot.answering.follow_up import without_correction
from bot.answering.openings import without_openings
from bot.answering.parts import KnowledgeSearch
from knowledge_base.encoder import in_known_characters


def plain_question(text: str, searcher: KnowledgeSearch) -> str:
    """A whole message as models read it: without greetings, and as it was corrected.

    Args:
        searcher: whose entries' words tell what a slip was meant to be.
    """
    return as_models_read(without_correction(without_openings(text)), searcher)


def as_models_read(text: str, searcher: KnowledgeSearch) -> str:
    """Write out short forms and mend slips, in simplified characters, as encoders know them."""
    return searcher.mended(written_out(in_known_characters(text)))

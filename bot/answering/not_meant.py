"""What a question says that no entry, however like it, can answer: facts of language, not scores.

Each says only that the entry is not what is meant; whether anything else is, it does not know.
"""

from __future__ import annotations

from bot.answering.made_to_order import asks_for_something_made
from bot.answering.not_told import asks_for_what_is_not_told
from bot.answering.opposites import asks_of_the_opposite
from bot.answering.other_makers import asks_of_another_maker
from bot.answering.other_models import asks_of_another_model
from bot.answering.other_services import Knows, asks_of_another_service
from bot.answering.other_shops import asks_of_another_shop
from bot.answering.other_variants import asks_for_another_variant
from bot.answering.qualities import asks_for_an_untold_quality
from knowledge_base.entry import Entry

_RULES = (
    asks_of_another_shop,
    asks_of_another_model,
    asks_for_something_made,
    asks_for_what_is_not_told,
    asks_for_another_variant,
    asks_for_an_untold_quality,
    asks_of_the_opposite,
)
_RULES_OF_NAMES = (asks_of_another_service, asks_of_another_maker)


def is_not_meant(asked: str, entry: Entry, knows: Knows) -> bool:
    """Tell whether the words of a question say that an entry does not answer it.

    Args:
        knows: tells whether the shop says a name anywhere.
    """
    return any(rule(asked, entry) for rule in _RULES) or any(
        rule(asked, entry, knows) for rule in _RULES_OF_NAMES
    )

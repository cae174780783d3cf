"""The question back: "did you mean A or B?" as quick replies."""

from __future__ import annotations

from collections.abc import Sequence

from bot.answering.answer import Choice, Language
from bot.answering.intent_classifier import IntentGuess
from bot.answering.shop import Shop
from knowledge_base.entry import Hit

# Three can be read at a glance on a phone; a fourth is rarely the right one.
MOST_CHOICES = 3


def clarifying_choices(
    shop: Shop, hits: Sequence[Hit], language: Language, guess: IntentGuess | None = None
) -> tuple[Choice, ...]:
    """Offer the best hits by their own wording, what an action could do, and a way out.

    At most MOST_CHOICES + 2 buttons. The action is that of the best intent, however unsure.
    """
    offered = tuple(
        Choice(label=title_of(hit, language), value=f"entry:{hit.entry.id}")
        for hit in hits[:MOST_CHOICES]
    )
    return (
        *_action_of(shop, guess, language),
        *offered,
        Choice(shop.say("clarify_none", language), "none"),
    )


def title_of(hit: Hit, language: Language) -> str:
    """Name an entry by its first phrasing, which a shop writes most carefully."""
    same_language = hit.entry.language == language
    return hit.entry.questions[0] if same_language else hit.question


def person_choice(shop: Shop, language: Language) -> Choice:
    """The button that asks for a person."""
    return Choice(shop.say("talk_to_person_button", language), "person")


def _action_of(shop: Shop, guess: IntentGuess | None, language: Language) -> tuple[Choice, ...]:
    lead = shop.intents.get(guess.intent) if guess else None
    if guess is None or lead is None or not lead.leads_to.startswith("action:"):
        return ()
    return (Choice(lead.labels[language], f"intent:{guess.intent}"),)

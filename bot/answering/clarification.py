"""The question back: "did you mean A or B?" as quick replies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from bot.answering.answer import Choice, Language
from bot.answering.intent_classifier import IntentGuess
from bot.answering.shop import Shop
from knowledge_base.entry import Entry, Hit
from knowledge_base.question_key import question_key

# Three can be read at a glance on a phone; a fourth is rarely the right one.
MOST_CHOICES = 3
BUTTON_CHARACTERS = {"zh": 28, "en": 60}  # two lines of a phone


def clarifying_choices(
    shop: Shop, hits: Sequence[Hit], language: Language, guess: IntentGuess | None = None
) -> tuple[Choice, ...]:
    """Offer the best hits by their own wording, what an action could do, and a way out.

    At most MOST_CHOICES + 2 buttons. The action is that of the best intent, however unsure. Two
    entries that a shop asks in the same words are told apart by how their answers begin.
    """
    best = hits[:MOST_CHOICES]
    titles = [title_of(hit, language) for hit in best]
    alike = Counter(map(question_key, titles))
    offered = tuple(
        Choice(
            label=title if alike[question_key(title)] == 1 else beginning_of(hit.entry),
            value=f"entry:{hit.entry.id}",
        )
        for hit, title in zip(best, titles, strict=True)
    )
    return (
        *action_choices(shop, guess, language),
        *offered,
        Choice(shop.say("clarify_none", language), "none"),
    )


def title_of(hit: Hit, language: Language) -> str:
    """Name an entry by its first phrasing, which a shop writes most carefully."""
    same_language = hit.entry.language == language
    return hit.entry.questions[0] if same_language else hit.question


def beginning_of(entry: Entry) -> str:
    """The first words of an answer, as far as a button holds them."""
    words, most = " ".join(entry.answer.split()), BUTTON_CHARACTERS[entry.language]
    return words if len(words) <= most else f"{words[: most - 1]}…"


def person_choice(shop: Shop, language: Language) -> Choice:
    """The button that asks for a person."""
    return Choice(shop.say("talk_to_person_button", language), "person")


def action_choices(shop: Shop, guess: IntentGuess | None, language: Language) -> tuple[Choice, ...]:
    """The button that does what the best intent leads to, if that is an action."""
    lead = shop.intents.get(guess.intent) if guess else None
    if guess is None or lead is None or not lead.leads_to.startswith("action:"):
        return ()
    return (Choice(lead.labels[language], f"intent:{guess.intent}"),)

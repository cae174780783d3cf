"""The parts that an answerer is put together from, and the turn while it is being answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Protocol, TypeVar

from bot.actions.action_runner import ActionRunner
from bot.answering.answer import Language, Question
from bot.answering.doubt import Judgement
from bot.answering.entities import Found
from bot.answering.intent_classifier import IntentGuess
from bot.answering.language import TurnLanguage
from bot.answering.listed import ThingMeant
from bot.answering.mood import Mood, mood_of
from bot.answering.reply_generator import ReplyGenerator
from bot.answering.shop import Shop
from bot.answering.takeover import TakeoverOpinion, Understood, Utterance
from bot.answering.wish import wishes_for_person
from knowledge_base.encoder import Encoder, Vectors
from knowledge_base.entry import Entry, EntryId, Hit, SearchResult, VersionId

if TYPE_CHECKING:
    from bot.answering.intent_classifier import IntentWords
    from bot.answering.mood_classifier import MoodWords
    from knowledge_base.search import SearchWords

Done = TypeVar("Done")

# Hits that are looked at for an answer, a clarification and the trace.
HITS = 10


class Knowledge(Protocol):
    """The published knowledge base; `current` changes in one step when a version is published."""

    @property
    def current(self) -> KnowledgeSearch:
        """The searcher of the version in force."""
        ...


class KnowledgeSearch(Protocol):
    """What the answerer needs of a searcher (`knowledge_base.search.Searcher`)."""

    version: VersionId

    def mended(self, text: str) -> str:
        """Mend slips of the fingers, towards words of the shop."""
        ...

    def speaks_of(self, name: str) -> bool:
        """Tell whether the texts of the shop hold every word of a name."""
        ...

    def exact(
        self, text: str, *, k: int = 10, language: Language | None = None
    ) -> SearchResult | None:
        """Return the entries that ask this very question, without running a model; None if none."""
        ...

    def asked_in(self, text: str) -> Language | None:
        """Return the language of the published question that a text is; None if none, or both."""
        ...

    def search_batch(
        self,
        texts: Sequence[str],
        *,
        k: int = 10,
        language: Language | None = None,
        vectors: Vectors | None = None,
        meant: Sequence[str] | None = None,
        words: SearchWords | None = None,
    ) -> list[SearchResult]:
        """Search several texts at once; `meant` is what their vectors were made of."""
        ...

    def read(self, texts: Sequence[str], meant: Sequence[str] | None = None) -> SearchWords:
        """Do what needs no vectors of the first encoder."""
        ...

    def compared(self, words: SearchWords, meant: Sequence[str], vectors: Vectors) -> SearchWords:
        """Add to what was read the products of vectors with all that is searched."""
        ...

    def entry(self, entry_id: EntryId, language: Language | None = None) -> Entry | None:
        """Return an entry by id, in a language where it exists in that language."""
        ...


class Intents(Protocol):
    """What the answerer needs of the intent classifier."""

    version: str

    def classify(
        self,
        texts: Sequence[str],
        vectors: Vectors,
        languages: Sequence[Language],
        words: IntentWords | None = None,
    ) -> list[IntentGuess]:
        """Guess the intent of each text."""
        ...

    def read(self, texts: Sequence[str]) -> IntentWords:
        """Do what needs no vectors of the first encoder."""
        ...

    def compared(self, words: IntentWords, texts: Sequence[str], vectors: Vectors) -> IntentWords:
        """Add to what was read the products of vectors with all examples."""
        ...


class Moods(Protocol):
    """What the answerer needs of the mood classifier."""

    @property
    def version(self) -> str:
        """Which one it is, for the trace."""
        ...

    def judge(
        self, texts: Sequence[str], vectors: Vectors, words: MoodWords | None = None
    ) -> list[Mood]:
        """Judge the mood of each text."""
        ...

    def read(self, texts: Sequence[str]) -> MoodWords:
        """Do what needs no vectors."""
        ...


class Takeover(Protocol):
    """What the answerer needs of what the desk taught about taking over."""

    @property
    def version(self) -> str:
        """Which one it is, for the trace."""
        ...

    def judge(
        self, said: Sequence[Utterance], understood: Understood | None = None
    ) -> TakeoverOpinion:
        """Judge a conversation up to and with its last utterance."""
        ...


class Ahead(Protocol):
    """An encoder that will be asked about a turn beside the first, and can begin at once."""

    def begin(self, texts: Sequence[str]) -> None:
        """Begin to encode texts in a thread of its own."""
        ...

    def afterwards(self, work: Callable[[], Done]) -> Future[Done]:
        """Do something in that thread, after what was begun."""
        ...


class Judge(Protocol):
    """What the answerer needs of doubt."""

    version: str

    def thresholds(self, language: Language) -> Mapping[str, float]:
        """Return the thresholds in force for a language, by name, for the trace."""
        ...

    def sure_of_intent(self, guess: IntentGuess, language: Language) -> bool:
        """Tell whether an intent is sure enough to act on."""
        ...

    def judge(
        self, result: SearchResult, guess: IntentGuess | None, language: Language
    ) -> Judgement:
        """Tell how sure the best hit is, and what to do with it."""
        ...


@dataclass(frozen=True)
class Candidate:
    """An entry that a follow-up may mean, with what speaks for it; see `weighing.INPUTS`."""

    hit: Hit
    inputs: tuple[float, ...]


class Weigher(Protocol):
    """What the answerer needs to weigh what follow-ups may mean."""

    @property
    def answer_from(self) -> float:
        """Least probability of an entry, to say it."""
        ...

    def enough_alone(self, words: float, *, leaning: bool) -> float:
        """How sure a message is by itself that is not weighed.

        Args:
            words: how long it is; see `length_in_words`.
            leaning: it shows that it leans on what was said before.
        """
        ...

    def chances(self, turn: Turn, candidates: Sequence[Candidate]) -> Sequence[float]:
        """The probability of each candidate that it answers the turn."""
        ...


@dataclass(frozen=True)
class Parts:
    """What answers for one shop; all behind `judge` may be absent."""

    shop: Shop
    knowledge: Knowledge
    encoder: Encoder
    judge: Judge
    intents: Intents | None = None
    actions: ActionRunner | None = None
    writer: ReplyGenerator | None = None
    moods: Moods | None = None
    ahead: Ahead | None = None
    takeover: Takeover | None = None
    weigher: Weigher | None = None


@dataclass(frozen=True)
class Half:
    """One of the two questions of a turn: what was found for it, and how sure that is."""

    result: SearchResult
    judgement: Judgement


@dataclass(frozen=True)
class Reading:
    """One way to read a turn, and what was found for it."""

    result: SearchResult
    guess: IntentGuess | None


@dataclass
class Turn:
    """One turn while it is being answered; filled in step by step, then thrown away.

    Attributes:
        text: the whole turn, as typed.
        asked: what the models read of it: no greetings around it, simplified characters.
        last: the entry that the bot's last message was said from.
        topic: the entry that was answered from last, however long ago.
        thing: what it points at in the list of that.
        is_spelt_out: what is asked says by itself what the turn only points at or mends.
        alone: the entry that it likelier than not asks for without what was said before.
        still: how sure it is that it asks for what `last` told; None where it asks for another.
        found_alone: what was found for it without what was said before.
        behind: what was found behind what was said before, and how sure that is.
        readings: what was found for it behind what was said before, by the text that was read.
        is_weighed: the judgement is that of what it may mean in its conversation.
        halves: its two questions, where it asks two.
    """

    question: Question
    language: TurnLanguage
    entities: tuple[Found, ...]
    text: str
    asked: str
    last: Entry | None = None
    topic: Entry | None = None
    thing: ThingMeant | None = None
    is_spelt_out: bool = False
    alone: EntryId | None = None
    still: float | None = None
    found_alone: SearchResult | None = None
    behind: tuple[SearchResult, Judgement] | None = None
    readings: dict[str, Reading] = field(default_factory=dict)
    is_weighed: bool = False
    halves: tuple[Half, ...] = ()
    guess: IntentGuess | None = None
    result: SearchResult | None = None
    judgement: Judgement | None = None
    attempts: list[dict[str, object]] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)

    @cached_property
    def wish(self) -> bool:
        """Whether its words ask for a person."""
        return wishes_for_person(self.text)

    @cached_property
    def mood(self) -> Mood:
        """How the shopper feels: as the words tell, until a classifier has judged it."""
        return mood_of(self.text)

    @property
    def answer_in(self) -> Language:
        """The language of the answer."""
        return self.language.answer_in

    @property
    def last_said(self) -> str | None:
        """The bot's message that this turn comes right behind; None where a person spoke last."""
        history = self.question.history
        return history[-1].text if history and history[-1].who == "bot" else None

    @property
    def calls_for_person(self) -> bool:
        """Whether the words alone call for a person."""
        return self.wish or self.mood.name == "angry"

    @property
    def hits(self) -> tuple[Hit, ...]:
        """What was found, best first."""
        return self.result.hits if self.result else ()

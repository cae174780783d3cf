"""The one place that joins the real parts. Every part can be given instead (tests, tools).

Heavy libraries are imported inside the functions that need them, so that the shell answers
`--help` at once and a serving process loads only what its settings ask for.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from bot.errors import PartMissing, StartRefused
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.actions.action_runner import ActionRunner
    from bot.answering.answer import Answerer
    from bot.answering.answering_process import AnsweringProcess
    from bot.answering.doubt import Doubt
    from bot.answering.intent_classifier import IntentClassifier
    from bot.answering.live_training import LiveAnswerer, LiveTraining, Trained
    from bot.answering.mood_classifier import MoodClassifier
    from bot.answering.reply_generator import GeneratedReplies
    from bot.answering.shop import Shop
    from bot.answering.takeover_model import TakeoverModel
    from bot.answering.trained_sets import MadeWith, TrainedSets
    from bot.bus.bus import Bus
    from bot.outbox.worker import OutboxWorker
    from bot.server.service import Parts
    from bot.transcripts.published import PublishedKnowledge
    from bot.transcripts.store import Transcripts
    from knowledge_base.encoder import Encoder
    from knowledge_base.encoder_pair import RememberingEncoder
    from knowledge_base.live import KnowledgeBase
    from knowledge_base.shared import SharedVersions

OFF = "off"
DATABASE = "shopkeeper.sqlite3"
FIRST_ACCOUNTS = (("admin", "Admin", "admin"), ("staff", "Staff", "staff"))
"""Login, name and role of the accounts of a first start, each with a password of its own."""


def wall_clock() -> datetime:
    """Tell the time, UTC."""
    return datetime.now(UTC)


def knowledge_folder(settings: Settings) -> Path:
    """Where published versions of the knowledge base lie."""
    return settings.state_folder / "knowledge"


def intents_folder(settings: Settings) -> Path:
    """Where `shopkeeper train` leaves the intent classifier."""
    return settings.state_folder / "intents"


def database_url(settings: Settings) -> str:
    """Give the address of the transcripts; the state folder's SQLite file unless one is set."""
    if settings.database_url:
        return settings.database_url
    folder = settings.state_folder.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    return f"sqlite:///{folder / DATABASE}"


def takeover_folder(settings: Settings) -> Path:
    """Where `shopkeeper train takeover` leaves what it learnt."""
    return settings.state_folder / "takeover"


def load_shop(settings: Settings) -> Shop:
    """Read the shop's folder; opening hours that it does not put into words get theirs.

    Raises:
        PartMissing: it is missing or cannot be used.
    """
    from bot.answering.shop import Shop, ShopRefused
    from bot.handoff.hours import Calendar
    from bot.handoff.hours_words import describe

    try:
        shop = Shop.load(settings.shop_folder)
    except ShopRefused as error:
        raise PartMissing(f"The shop cannot be read: {error}.") from error
    calendar = Calendar(str(shop.time_zone), shop.hours, shop.hours_on)
    words = {"zh": describe(calendar, "zh"), "en": describe(calendar, "en")}
    return replace(shop, hours_text={**words, **shop.hours_text})


def load_encoder(settings: Settings) -> Encoder:
    """Load the sentence encoder.

    Raises:
        PartMissing: its folder is missing or altered.
    """
    from knowledge_base import encoder
    from knowledge_base.errors import ModelFolderRefused
    from knowledge_base.hashed_encoder import HashedEncoder
    from knowledge_base.model_catalogue import model_folder

    if settings.encoder == "hashed":
        return HashedEncoder()
    try:
        folder = model_folder(settings.state_folder, settings.encoder)
        return encoder.load_encoder(folder)
    except ModelFolderRefused as error:
        raise PartMissing(str(error)) from error


def search_encoder(settings: Settings, encoder: Encoder) -> Encoder:
    """The encoder that search asks: with the second one beside it, where that is here."""
    from knowledge_base.encoder import load_encoder as load
    from knowledge_base.encoder_pair import RememberingEncoder, pair_of
    from knowledge_base.errors import ModelFolderRefused
    from knowledge_base.model_catalogue import model_folder

    if settings.second_encoder in (OFF, settings.encoder) or settings.encoder == "hashed":
        return encoder
    try:
        second = load(model_folder(settings.state_folder, settings.second_encoder))
    except ModelFolderRefused:
        return encoder
    return pair_of(encoder, RememberingEncoder(second))


@dataclass(frozen=True)
class Encoders:
    """What turns texts into vectors.

    Attributes:
        first: that of all languages.
        searching: what search asks; see `search_encoder`.
        ahead: the second one, where there is one: it can begin before it is asked.
    """

    first: Encoder
    searching: Encoder
    ahead: RememberingEncoder | None = None


def load_encoders(settings: Settings) -> Encoders:
    """Load all encoders that the settings ask for.

    Raises:
        PartMissing: see `load_encoder`.
    """
    from knowledge_base.encoder_pair import RememberingEncoder, second_of

    first = load_encoder(settings)
    searching = search_encoder(settings, first)
    second = second_of(searching)
    return Encoders(first, searching, second if isinstance(second, RememberingEncoder) else None)


def begin_to_load(settings: Settings) -> Future[Encoders]:
    """Load in a thread what keeps no lock of the interpreter, while others import modules."""

    def load() -> Encoders:
        from knowledge_base.chinese_words import load_chinese_words

        encoders = load_encoders(settings)
        load_chinese_words()
        return encoders

    thread = ThreadPoolExecutor(1, thread_name_prefix="loading")
    loading = thread.submit(load)
    thread.shutdown(wait=False)
    return loading


def encoder_named(settings: Settings) -> Callable[[str], Encoder]:
    """What loads an encoder of the catalogue by its name; raises ModelFolderRefused without it."""
    from knowledge_base import encoder
    from knowledge_base.model_catalogue import model_folder

    return lambda name: encoder.load_encoder(model_folder(settings.state_folder, name))


def open_shared(settings: Settings) -> PublishedKnowledge | None:
    """Open what nodes without a common folder share; None with SQLite, which is of one node.

    Raises:
        StartRefused: the database cannot be reached, or cannot keep what it accepts.
    """
    if not settings.database_url.startswith("postgresql"):
        return None
    from bot.transcripts.published import open_published

    with database_refusals():
        return open_published(settings.database_url, settings.shared_versions)


def load_knowledge(
    settings: Settings, encoder: Encoder, shared: SharedVersions | None = None
) -> KnowledgeBase:
    """Open the published knowledge base.

    Args:
        shared: where nodes share their versions, see `open_shared`.

    Raises:
        PartMissing: the version that serves is spoiled.
    """
    from knowledge_base.errors import VersionRefused
    from knowledge_base.live import KnowledgeBase

    base = KnowledgeBase(knowledge_folder(settings), encoder, shared)
    try:
        base.load()
    except VersionRefused as error:
        raise PartMissing(str(error)) from error
    return base


def trained_sets(
    settings: Settings, made_with: MadeWith, shared: PublishedKnowledge | None = None
) -> TrainedSets:
    """Where what was trained lies, here and, where nodes share it, in the database.

    Args:
        made_with: what the encoders of this machine are.
        shared: see `open_shared`.
    """
    from bot.answering.shared_sets import SharedSets
    from bot.answering.trained_sets import TrainedSets

    if shared is not None:
        return SharedSets(settings.state_folder, made_with, shared.trained)
    return TrainedSets(settings.state_folder, made_with, settings.shared_versions)


def load_trained(settings: Settings, encoders: Encoders, within: Path) -> Trained:
    """Open a whole trained set.

    Args:
        within: the folder that its folders lie in.

    Raises:
        PartMissing: a part is altered or was made with another encoder.
    """
    from bot.answering.live_training import Trained
    from knowledge_base.encoder_pair import second_of

    first, searching = encoders.first, encoders.searching
    return Trained(
        judge=load_doubt(settings, searching, within),
        intents=load_intents(settings, first, second_of(searching), within),
        moods=load_moods(settings, first, within),
        takeover=load_takeover(settings, within),
    )


def load_intents(
    settings: Settings,
    encoder: Encoder,
    second: Encoder | None = None,
    within: Path | None = None,
) -> IntentClassifier | None:
    """Load the trained intent classifier; None before it was ever trained.

    Args:
        second: the second encoder, if it is loaded already.
        within: the folder of the set; the state folder by itself.

    Raises:
        PartMissing: it is altered or was made with another encoder.
    """
    from bot.answering.intent_classifier import IntentClassifier
    from knowledge_base.errors import ModelFolderRefused

    folder = (within or settings.state_folder) / "intents"
    if not folder.exists():
        return None
    try:
        named = encoder_named(settings)
        loaded = {one.name: one for one in (encoder, second) if one is not None}
        return IntentClassifier.load(
            folder, encoder.digest, lambda name: loaded.get(name) or named(name)
        )
    except ModelFolderRefused as error:
        raise PartMissing(str(error)) from error


def load_moods(
    settings: Settings, encoder: Encoder, within: Path | None = None
) -> MoodClassifier | None:
    """Load the mood classifier; None before it was ever trained: then words alone tell.

    Args:
        within: see `load_intents`.

    Raises:
        PartMissing: it is altered or was made with another encoder.
    """
    from bot.answering.mood_classifier import MoodClassifier
    from knowledge_base.errors import ModelFolderRefused

    folder = (within or settings.state_folder) / "moods"
    if not folder.exists():
        return None
    try:
        return MoodClassifier.load(folder, encoder.digest)
    except ModelFolderRefused as error:
        raise PartMissing(str(error)) from error


def load_takeover(settings: Settings, within: Path | None = None) -> TakeoverModel | None:
    """Load what the desk taught; None before it was ever trained: then the rules judge.

    Args:
        within: see `load_intents`.

    Raises:
        PartMissing: it is altered.
    """
    from bot.answering.takeover_model import TakeoverModel
    from knowledge_base.errors import ModelFolderRefused

    folder = (within or settings.state_folder) / "takeover"
    if not folder.exists():
        return None
    try:
        return TakeoverModel.load(folder)
    except ModelFolderRefused as error:
        raise PartMissing(str(error)) from error


def load_doubt(settings: Settings, encoder: Encoder, within: Path | None = None) -> Doubt:
    """Load the thresholds; those that come with the program before any were chosen.

    Args:
        within: see `load_intents`.

    Raises:
        PartMissing: they are altered or were made with another encoder.
    """
    from bot.answering.doubt import Doubt
    from knowledge_base.errors import ModelFolderRefused

    folder = (within or settings.state_folder) / "doubt"
    if not folder.exists():
        return Doubt.shipped()
    try:
        return Doubt.load(folder, encoder.digest)
    except ModelFolderRefused as error:
        raise PartMissing(str(error)) from error


def load_actions(settings: Settings, shop: Shop) -> ActionRunner:
    """Make the runner of the shop's actions: a remote server, or rasa's executor in this process.

    Raises:
        PartMissing: the orders cannot be read, or an intent leads to an action that nobody has.
    """
    from bot.actions.action_runner import InProcessActions, RemoteActions
    from bot.actions.order_status import ActionOrderStatus
    from bot.actions.orders import JsonOrderBook, OrdersRefused

    if settings.action_server_url:
        return RemoteActions(settings.action_server_url)
    ours, path = [], shop.folder / "orders.json"
    if path.exists():
        try:
            orders = JsonOrderBook.load(path, shop.order_number_pattern)
        except OrdersRefused as error:
            raise PartMissing(str(error)) from error
        ours.append(ActionOrderStatus(orders, shop.say))
    actions = InProcessActions(ours, settings.action_modules)
    for name, intent in shop.intents.items():
        if intent.runs is not None and intent.runs not in actions.names:
            raise PartMissing(
                f"intents.toml leads [{name}] to action:{intent.runs}, which nothing here knows. "
                f"action:action_order_status needs {path}, any other a module in the setting "
                'action_modules or an action_server_url; leads_to = "person" needs nothing.'
            )
    return actions


def load_writer(settings: Settings) -> GeneratedReplies | None:
    """Make the generator's process, not started yet; None when the setting says `off`.

    Raises:
        PartMissing: its folder is missing or altered.
    """
    if settings.generator == OFF:
        return None
    from bot.answering.reply_generator import load_generator
    from knowledge_base.errors import ModelFolderRefused
    from knowledge_base.model_catalogue import catalogue_model, model_folder

    try:
        model = catalogue_model(settings.generator)
        folder = model_folder(settings.state_folder, settings.generator)
        return load_generator(folder, model.languages)
    except ModelFolderRefused as error:
        raise PartMissing(
            f'{error} Or set generator = "off" (SHOPKEEPER_GENERATOR=off) to do without.'
        ) from error


@dataclass(frozen=True)
class Brain:
    """The answerer with the parts that must be named, swapped or closed.

    Attributes:
        training: exchanges what was trained while it answers.
        models: what else answers, by name and digest.
        writer: the generator in its process, if there is one.
    """

    answerer: LiveAnswerer
    knowledge: KnowledgeBase
    training: LiveTraining
    models: dict[str, str]
    writer: GeneratedReplies | None

    def begin_to_write(self) -> None:
        """Start the generator's process, if there is one."""
        if self.writer is not None:
            self.writer.start()

    def close(self) -> None:
        """End the generator's process."""
        if self.writer is not None:
            self.writer.close()


def assemble_brain(
    settings: Settings,
    shop: Shop | None = None,
    shared: PublishedKnowledge | None = None,
    encoders: Encoders | None = None,
    *,
    writes: bool = True,
) -> Brain:
    """Join everything that answers.

    Args:
        shared: where nodes share their versions, see `open_shared`.
        encoders: loaded already.
        writes: start the generator now; else `Brain.begin_to_write` does.

    Raises:
        PartMissing: naming the command that makes what is missing.
    """
    from bot.answering import parts
    from bot.answering.live_training import LiveAnswerer, LiveTraining
    from bot.answering.trained_sets import MadeWith
    from bot.answering.weighing import shipped_weigher

    shop = shop or load_shop(settings)
    encoders = encoders or load_encoders(settings)
    encoder, searching = encoders.first, encoders.searching
    sets = trained_sets(settings, MadeWith(encoder.digest, searching.digest), shared)
    training = LiveTraining(sets, partial(load_trained, settings, encoders))
    trained = training.load(wall_clock())  # other weights are refused before anything is indexed
    knowledge = load_knowledge(settings, searching, shared)
    actions = load_actions(settings, shop)
    writer = load_writer(settings)
    joined = parts.Parts(
        shop=shop,
        knowledge=knowledge,
        encoder=encoder,
        judge=trained.judge,
        actions=actions,
        writer=writer,
        ahead=encoders.ahead,
        weigher=shipped_weigher(),
    )
    answerer = LiveAnswerer(trained.into(joined))
    training.take_over = answerer.take_over
    models = {
        "encoder": f"{encoder.name}@{encoder.digest}",
        "generator": writer.model if writer else OFF,
    }
    brain = Brain(answerer, knowledge, training, models, writer)
    if writes:
        brain.begin_to_write()
    return brain


def warm_up(brain: Brain) -> None:
    """Answer one question a language, so that the first shopper waits for no dictionary to load."""
    from bot.answering.live_training import warm_up

    warm_up(brain.answerer)


@dataclass(frozen=True)
class FollowingBrain:
    """A brain that was forked, and what it does to stay as the first one is (a `Follower`)."""

    brain: Brain

    def begin(self) -> None:
        """Have the collector work here as it does in the server."""
        from bot.server.loaded import end_loading

        end_loading()

    def serve_knowledge(self, version: str) -> None:
        """Open a version in the folder of this machine, and answer from it."""
        from bot.server.loaded import give_back_memory
        from knowledge_base.entry import VersionId

        self.brain.knowledge.follow(VersionId(version))
        give_back_memory()

    def take_training(self, folder: Path) -> None:
        """Open a trained set, and answer with it."""
        from bot.server.loaded import give_back_memory

        self.brain.answerer.take_over(self.brain.training.open(folder))
        give_back_memory()


def answer_beside(settings: Settings, brain: Brain) -> AnsweringProcess | None:
    """Fork a second process that answers, where the settings and the system allow it.

    It follows what the brain does from then on. To be asked before the program has threads.
    """
    from bot.answering.answering_process import AnsweringProcess, can_fork
    from bot.server.loaded import give_back_memory
    from bot.server.logs import log_of

    if not settings.answering_process or _cores() < 2:
        return None
    if not can_fork():
        log_of(__name__).warning("answering.not_forked", why="no Linux, or threads run already")
        return None
    give_back_memory()  # else the second process would keep what the first gives back later
    beside = AnsweringProcess(
        brain.answerer,
        FollowingBrain(brain),
        settings.answering_threads,
        settings.turn_seconds,
    )
    brain.knowledge.also = beside.follow_knowledge
    brain.training.also = beside.follow_training
    return beside


def _cores() -> int:
    """How many cores this program may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def open_store(settings: Settings, *, serving: bool = False) -> Transcripts:
    """Open the transcripts.

    Args:
        serving: to serve shoppers from them, which only one process may with SQLite.

    Raises:
        StartRefused: the database cannot be reached, or cannot keep what it accepts.
    """
    from bot.transcripts.open import open_transcripts

    with database_refusals():
        return open_transcripts(database_url(settings), serving=serving)


@contextmanager
def database_refusals() -> Iterator[None]:
    """Turn what opening a database raises into a refusal that says what to do."""
    from bot.transcripts.errors import TranscriptsError

    try:
        yield
    except OSError:  # of the state folder, not of the driver; the shell tells its name
        raise
    except TranscriptsError as error:
        raise StartRefused(str(error)) from error
    except Exception as error:  # the edge to the database's driver, whose text may hold a password
        cause = getattr(error, "orig", error)
        if hasattr(cause, "sqlite_errorname"):  # of a file: there is no password
            hint = "Look at the rights of its files, and the room on its disk."
            if cause.sqlite_errorname in ("SQLITE_BUSY", "SQLITE_LOCKED"):
                hint = "Another program holds it; end that one, or try again when it is done."
            raise StartRefused(
                f"The database cannot be opened: {cause} ({cause.sqlite_errorname}). {hint}"
            ) from error
        raise StartRefused(
            f"The database cannot be opened ({type(error).__name__}). "
            "Look at the setting database_url and whether the server runs."
        ) from error


def open_bus(settings: Settings) -> Bus:
    """Make the bus: in this process, or over Redis where one is named.

    Raises:
        StartRefused: Redis without PostgreSQL, which would be several nodes on one SQLite file.
    """
    if not settings.redis_url:
        from bot.bus.in_process import InProcessBus

        return InProcessBus()
    if not settings.database_url.startswith("postgresql"):
        raise StartRefused(
            "redis_url is set, so several nodes are meant; they need PostgreSQL (database_url)."
        )
    from bot.bus.redis_bus import RedisBus

    return RedisBus(settings.redis_url)


def open_outbox(settings: Settings, transcripts: Transcripts) -> OutboxWorker:
    """Make what delivers notifications; with no channel set it only empties the outbox.

    Raises:
        StartRefused: a channel that would send unsigned, in the clear, or to nobody.
    """
    from bot.outbox.errors import ChannelNotSafe
    from bot.outbox.open import open_worker

    try:
        return open_worker(settings, transcripts.outbox)
    except ChannelNotSafe as error:
        raise StartRefused(str(error)) from error


def assemble(
    settings: Settings,
    *,
    answerer: Answerer | None = None,
    transcripts: Transcripts | None = None,
    bus: Bus | None = None,
    loading: Future[Encoders] | None = None,
    now: Callable[[], datetime] = wall_clock,
) -> Parts:
    """Join one node. What is given is used; the rest is made as the settings say.

    Args:
        loading: what `begin_to_load` gave.

    Raises:
        PartMissing, StartRefused: naming what to do.
    """
    from bot.server.service import Parts

    shop = load_shop(settings)
    shared = open_shared(settings)
    brain, beside = None, None
    if answerer is None:
        encoders = loading.result() if loading else None
        brain = assemble_brain(settings, shop, shared, encoders, writes=False)
        warm_up(brain)
        beside = answer_beside(settings, brain)
        brain.begin_to_write()
    kept = transcripts or open_store(settings, serving=True)
    return Parts(
        settings=settings,
        shop=shop,
        transcripts=kept,
        outbox=open_outbox(settings, kept),
        bus=bus or open_bus(settings),
        answerer=answerer or beside or _answerer_of(brain),
        knowledge=brain.knowledge if brain else None,
        training=brain.training if brain else None,
        shared=shared,
        models=brain.models if brain else {},
        now=now,
        answers_beside=(lambda: beside.is_up) if beside else _never,
        close=partial(_close_all, brain, beside),
    )


def _answerer_of(brain: Brain | None) -> Answerer:
    assert brain is not None
    return brain.answerer


def make_first_accounts(transcripts: Transcripts) -> list[tuple[str, str]]:
    """Make one admin and one staff account when there is none at all.

    Returns:
        Login and password of each, to be shown once; empty when there were accounts.
    """
    from bot.server.passwords import hash_password, new_password
    from bot.transcripts.errors import LoginTaken

    accounts = transcripts.accounts
    if accounts.all():
        return []
    made = []
    passwords = [new_password() for _ in FIRST_ACCOUNTS]
    with ThreadPoolExecutor(len(passwords)) as threads:
        hashes = list(threads.map(hash_password, passwords))
    for (login, name, role), password, hashed in zip(
        FIRST_ACCOUNTS, passwords, hashes, strict=True
    ):
        try:
            accounts.add(login, name, hashed, frozenset({role})).result()
        except LoginTaken:
            continue  # another node, started at the same moment, made it and shows its password
        made.append((login, password))
    transcripts.audit.append("shell", "first_accounts_made").result()
    return made


def _close_all(*parts: Brain | AnsweringProcess | None) -> None:
    for part in parts:
        if part is not None:
            part.close()


def _never() -> bool:
    return False

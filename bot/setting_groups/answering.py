"""Settings of what understands and answers."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel

from bot.setting_groups.rows import limit, setting


class Answering(BaseModel):
    """What understands and answers, and how long it may take."""

    encoder: str = setting(
        "multilingual-e5-small",
        "Catalogue name of the sentence encoder; `hashed` needs no weights and knows no meaning: "
        "to look at the program, not to train with.",
    )
    second_encoder: str = setting(
        "all-MiniLM-L6-v2",
        "Catalogue name of an English encoder that is asked about what is not Chinese: by search, "
        "and by intents where training finds that it gains; `off` to do without. Run "
        "`shopkeeper prepare` after changing it.",
    )
    fine_tuning: Literal["on", "off"] = setting(
        "on",
        "`on` lets `shopkeeper train` fine-tune the encoders for the shop's intents where that "
        "gains on its own phrases. It takes minutes, and a millisecond a message.",
    )
    generator: str = setting(
        "gemma-3-270m",
        "Catalogue name of the model that writes answers, or `off`: then only known answers, "
        "actions and people answer.",
    )
    action_server_url: str = setting(
        "",
        "Address of a remote rasa action server (…/webhook). Empty: actions run in this process.",
    )
    action_modules: tuple[str, ...] = setting(
        (), "Python modules with the shop's own rasa-sdk actions, run in this process."
    )
    answering_threads: int = limit(
        2,
        "Batches of turns answered at the same time, by all processes together.",
        "models use one compute thread each; more batches than spare cores only queue",
        ge=1,
        le=64,
    )
    answering_processes: int = limit(
        2,
        "Processes beside the server that answer, at most: one always, another while batches keep "
        "waiting, no more than cores (Linux, two cores or more; 60 to 110 MB each). 0: the server "
        "answers itself, which it must where an action module of yours opens connections or "
        "threads when it is imported.",
        "Python runs one thread of a process at a time: answers would hold up what is accepted, "
        "and each other",
        ge=0,
        le=64,
    )
    answering_batch: int = limit(
        32,
        "Turns answered together at most.",
        "encoding together is cheaper per turn, but the first of a large batch waits for the last",
        ge=1,
        le=256,
    )
    waiting_turns: int = limit(
        512,
        "Turns that may wait for the answerer; beyond it a turn goes to people at once.",
        "a queue that is never emptied within the turn's time answers nobody",
        ge=1,
    )
    turn_seconds: float = limit(
        8.0,
        "Time for one whole turn; after it the turn goes to people with an apology.",
        "a shopper is never left waiting on a model that hangs",
        gt=0,
        le=120,
    )
    burst_seconds: float = limit(
        0.7,
        "How long a message that looks unfinished (a greeting, a word or two) waits for the next.",
        "people send 'hi' and then ask; a complete question is never delayed",
        ge=0,
        le=5,
    )
    generator_answers: int = limit(
        10,
        "Written answers for one conversation in ten minutes; then known answers or people.",
        "writing costs seconds of a core, and a visitor could buy all of it",
        ge=0,
    )
    writing_seconds: float = limit(
        5.0,
        "Time for one written answer, waiting included; then the answer without it is given.",
        "a shopper would rather have a person than wait",
        gt=0,
        le=60,
    )
    waiting_writes: int = limit(
        8,
        "Turns that may wait for the generator.",
        "more could not be written in time anyway",
        ge=0,
    )

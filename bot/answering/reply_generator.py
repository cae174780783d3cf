"""The seam of the writer: a question and entries in, a reply in its own words out, or nothing.

What is written is not yet fit to be sent; `grounding` decides that. The model itself runs in a
process of its own (`writer_process`); this module imports no model library.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bot.answering.answer import Language
from bot.answering.writer_process import WriterLimits, WriterProcess, WrittenReply, worker_command
from bot.answering.writing_prompt import NO_ANSWER, PROMPTS
from knowledge_base.entry import Entry
from knowledge_base.errors import ModelFolderRefused
from knowledge_base.model_folder import Manifest, read_manifest

__all__ = ["GeneratedReplies", "ReplyGenerator", "WriterLimits", "WrittenReply", "load_generator"]


class ReplyGenerator(Protocol):
    """Writes replies from entries."""

    @property
    def model(self) -> str:
        """Catalogue name and digest, for the trace."""
        ...

    def write(
        self, question: str, evidence: Sequence[Entry], language: Language
    ) -> WrittenReply | None:
        """Write a reply from the entries alone; None when it could not be done in time.

        Deterministic: the same question, entries and model give the same text. Raises nothing for
        a model that hangs, dies or writes rubbish.
        """
        ...


@dataclass(frozen=True)
class GeneratedReplies:
    """A `ReplyGenerator` whose words come from a causal language model in a child process.

    Attributes:
        model: catalogue name and digest.
        languages: those the model can write; others are never tried.
        process: the child; whoever made this closes it.
        style: how its prompts are made, a key of `PROMPTS`.
    """

    model: str
    languages: tuple[str, ...]
    process: WriterProcess
    style: str = "examples"

    def write(
        self, question: str, evidence: Sequence[Entry], language: Language
    ) -> WrittenReply | None:
        """Write a reply from the entries; None also when the model says that they hold none."""
        if language not in self.languages or not evidence:
            return None
        prompt = PROMPTS[self.style](question, evidence, language)
        reply = self.process.write(prompt.text, prompt.stops)
        return None if reply is None or NO_ANSWER in reply.text else reply

    def start(self) -> None:
        """Start the child, beside whatever else goes on."""
        self.process.start()

    def close(self) -> None:
        """End the child; nothing of it stays."""
        self.process.close()


def load_generator(
    folder: Path, languages: Sequence[str], limits: WriterLimits | None = None
) -> GeneratedReplies:
    """Make the writer of a converted model; started, it is used as soon as it has loaded.

    The child compares every file with the manifest before it loads one.

    Args:
        folder: a model folder of kind "generator".
        languages: what it can write, from the catalogue.
        limits: times and sizes; None takes the defaults.

    Raises:
        ModelFolderRefused: the folder is missing, its manifest cannot be read, or it wants
            prompts in a style that is not known here.
    """
    manifest: Manifest = read_manifest(folder)
    style = str(manifest.facts.get("style"))
    if style not in PROMPTS:
        raise ModelFolderRefused(
            f"{folder} wants prompts in the style {style!r}; known are {', '.join(PROMPTS)}. "
            "Make it again with `shopkeeper models fetch --again`."
        )
    process = WriterProcess(worker_command(folder), limits or WriterLimits())
    model = f"{manifest.name}@{manifest.digest()}"
    return GeneratedReplies(model, tuple(languages), process, style)

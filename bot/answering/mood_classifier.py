"""Judges the mood of a turn from the vector that it has anyway, with character pieces and marks.

Three machines share one space of pieces: one tells five levels of sentiment, one anger, one
urgency. `shopkeeper prepare` trains them on messages of our own and the shop's calm phrases
(`training/train_mood_classifier.py`). Without them `mood.mood_of` judges by words alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from bot.answering.mood import ANGRY_POINTS, Level, Mood, MoodName, mood_of
from bot.answering.mood_marks import MARKS, marks_of
from bot.answering.ngram_space import MAX_CHARACTERS, NgramSpace
from bot.answering.text_machine import MachineWords, TextMachine
from bot.answering.trained_folder import ENCODER_DIGEST, read_trained, write_trained
from knowledge_base.encoder import Vectors
from knowledge_base.errors import ModelFolderRefused

KIND = "mood-1"
# From here on a shopper counts as angry and gets a person. Two machines must agree half and half:
# one alone took three times as many hard but plain questions for anger
# (docs/measurements/moods.md).
ANGRY_FROM = 0.5

ANGRY, CALM = "angry", "calm"
URGENT, PATIENT = "urgent", "patient"
LEVELS: tuple[Level, ...] = (
    "very_negative",
    "negative",
    "neutral",
    "positive",
    "very_positive",
)
_NAMES: Mapping[Level, MoodName] = {
    "very_negative": "negative",
    "negative": "negative",
    "neutral": "neutral",
    "positive": "positive",
    "very_positive": "positive",
}


@dataclass(frozen=True, slots=True)
class MoodWords:
    """What the three machines make of texts without their vectors."""

    levels: MachineWords
    anger: MachineWords
    urgency: MachineWords


@dataclass(frozen=True)
class MoodClassifier:
    """Judges moods; safe to call from several threads.

    Attributes:
        levels: classes `LEVELS`.
        anger: classes `ANGRY` and `CALM`.
        urgency: classes `URGENT` and `PATIENT`.
        angry_from: least mean of the probabilities of anger and of the lowest level at which
            anger is called.
        version: of the folder it was read from, "" for a fresh one.
    """

    levels: TextMachine
    anger: TextMachine
    urgency: TextMachine
    angry_from: float = ANGRY_FROM
    version: str = ""

    @property
    def space(self) -> NgramSpace:
        """The space of pieces that all three share."""
        return self.levels.space

    def read(self, texts: Sequence[str]) -> MoodWords:
        """Do what needs no vectors; this may be done while an encoder is at work."""
        weighed = [self.space.weigh(text) for text in texts]
        marks = np.stack([marks_of(text) for text in texts])
        levels = self.levels.read(weighed, marks)
        return MoodWords(
            levels,
            *(
                machine.read(
                    weighed, marks, levels.few if machine.basis is self.levels.basis else None
                )
                for machine in (self.anger, self.urgency)
            ),
        )

    def judge(
        self, texts: Sequence[str], vectors: Vectors, words: MoodWords | None = None
    ) -> list[Mood]:
        """Judge messages.

        Args:
            texts: of any length; what lies beyond the first thousand characters is judged by its
                words alone.
            vectors: of the encoder that it was trained with, `encode_questions`, (n, d).
            words: what `read` gave for these texts, where that was done before.
        """
        if not texts:
            return []
        words = self.read(texts) if words is None else words
        levels = self.levels.judged(words.levels, vectors)
        anger = self.anger.judged(words.anger, vectors)
        urgency = self.urgency.judged(words.urgency, vectors)
        lowest = levels[:, self.levels.classes.index("very_negative")]
        heat = (anger[:, self.anger.classes.index(ANGRY)] + lowest) / 2
        pressing = urgency[:, self.urgency.classes.index(URGENT)]
        return [
            self._mood(text, self.levels.classes[int(np.argmax(level))], float(hot), float(urgent))
            for text, level, hot, urgent in zip(texts, levels, heat, pressing, strict=True)
        ]

    def _mood(self, text: str, level: str, heat: float, urgency: float) -> Mood:
        if not any(character.isalnum() for character in text):
            return mood_of(text)  # faces and marks only: a vector of them means nothing
        if len(text) > MAX_CHARACTERS and mood_of(text).name == "angry":
            return mood_of(text)  # said where the machines do not look
        points = ANGRY_POINTS * heat / self.angry_from
        if heat >= self.angry_from:
            return Mood("angry", points, urgency, "very_negative")
        found = next(one for one in LEVELS if one == level)
        return Mood(_NAMES[found], points, urgency, found)

    # -- files -------------------------------------------------------------------------------

    def save(
        self, folder: Path, encoder_digest: str, made_from: Mapping[str, Any]
    ) -> MoodClassifier:
        """Write the machines as `folder`, replacing what was there; gives them with the version."""
        files: dict[str, bytes] = {}
        for name in ("levels", "anger", "urgency"):
            machine: TextMachine = getattr(self, name)
            files |= machine.as_files(name)
        facts = {ENCODER_DIGEST: encoder_digest, "angry_from": self.angry_from}
        version = write_trained(folder, KIND, files, facts=facts, made_from=made_from)
        return replace(self, version=version)

    @classmethod
    def load(cls, folder: Path, encoder_digest: str) -> MoodClassifier:
        """Read a folder that `save` wrote.

        Raises:
            ModelFolderRefused: missing, altered, or made with another encoder.
        """
        read = read_trained(folder, KIND, encoder_digest)
        try:
            levels, anger, urgency = (
                TextMachine.from_files(name, read.files) for name in ("levels", "anger", "urgency")
            )
            angry_from = float(read.manifest.facts["angry_from"])
            if set(levels.classes) != set(LEVELS) or len(levels.marks_centre) != len(MARKS):
                raise ValueError("its classes or marks are of another version")
            if ANGRY not in anger.classes or URGENT not in urgency.classes:
                raise ValueError("it does not tell anger or urgency")
            if {levels.space.rarity.size} != {anger.space.rarity.size, urgency.space.rarity.size}:
                raise ValueError("its machines know different pieces")
        except (KeyError, TypeError, ValueError) as error:
            raise ModelFolderRefused(
                f"{folder} cannot be read: {error}. Make it again with: shopkeeper prepare --again"
            ) from error
        anger, urgency = (_sharing(levels, machine) for machine in (anger, urgency))
        return cls(levels, anger, urgency, angry_from, read.digest)


def _sharing(first: TextMachine, second: TextMachine) -> TextMachine:
    """The second machine with what is the same in both in memory once."""
    same = np.array_equal(first.basis, second.basis)
    return replace(second, space=first.space, basis=first.basis if same else second.basis)

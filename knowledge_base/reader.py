"""Reads a question beside a phrasing and an answer, word by word, and tells if it is answered.

Vectors of whole texts (`told`) show what a text is about; whether an answer holds what is asked
("does the courier ring first?") stands in its words. Here the words of the question go up through
the upper half of the first encoder once more and see those of phrasing and answer on the way. It
was learnt from small shops that were written for it (`training/learn_reader.py`); figures in
docs/measurements/known-answers.md.

Costs two thirds of what encoding the question did for each entry that is read, and two encodings
more the first time.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from knowledge_base.encoder import Encoder, OnnxEncoder, Vectors, cut_tokens, open_session
from knowledge_base.encoder_pair import first_of

READER_FILE = "reader.onnx"  # in the serving folder of the encoder
QUESTION_TOKENS, ANSWER_TOKENS = 48, 96  # that are read, and were learnt from
# Tokens that are kept: of phrasings and answers 38 MB, of questions 13 MB.
READ_TOKENS, ASKED_TOKENS = 8_192, 16_384
# The first hits of a search that are read, and what the logarithm of their odds counts beside their
# scores: more finds more in small shops, and less in FAQs about other things.
READ_HITS, READ_WEIGHT = 3, 0.02
MOST_ODDS = 3.0  # not passed once in 28,635 readings of shops and FAQs
_States = NDArray[np.float16]


@runtime_checkable
class WrapsEncoder(Protocol):
    """An encoder around another."""

    encoder: Encoder


class Reader:
    """Reads for one encoder. Safe to call from several threads.

    Args:
        encoder: whose lower layers it reads above; what these make of a question is taken over when
            it is encoded.
        graph: file of a `training.reader_graph`.
    """

    def __init__(self, encoder: OnnxEncoder, graph: Path) -> None:
        self._encoder = encoder
        self._session = open_session(str(graph), 1)
        self._layers = encoder.layers_shown()
        self._asked = _LastTexts(ASKED_TOKENS)
        self._phrasings = _LastTexts(READ_TOKENS // 2)
        self._answers = _LastTexts(READ_TOKENS // 2)
        encoder.watch(self._layers[0], self._take)

    def log_odds(self, question: str, phrasing: str, answer: str) -> float:
        """Logarithm of the odds that the entry answers, as in the shops it was learnt from.

        Args:
            phrasing: the one of the entry that is nearest.
        """
        parts = [
            self._phrasings.of(phrasing, lambda: self._states(self._question(phrasing))),
            self._answers.of(answer, lambda: self._states(self._answer(answer))),
        ]
        (asked,) = self._asked.of(
            question, lambda: self._states(self._question(question), self._layers[:1])
        )
        given = {
            "question": asked.astype(np.float32),
            "read": np.concatenate(parts, axis=1).astype(np.float32),
            "kinds": np.repeat([0, 1], [part.shape[1] for part in parts]),
        }
        return float(self._session.run(["log_odds"], given)[0][0, 0])

    def _take(self, question: str, states: Vectors) -> None:
        if len(states) <= QUESTION_TOKENS:  # a longer one is cut before it is read
            self._asked.keep(question, states[None].astype(np.float16))

    def _question(self, text: str) -> list[int]:
        return cut_tokens(self._encoder.question_tokens([text])[0], QUESTION_TOKENS)

    def _answer(self, text: str) -> list[int]:
        return cut_tokens(self._encoder.passage_tokens([text])[0], ANSWER_TOKENS)

    def _states(self, tokens: list[int], layers: Sequence[int] | None = None) -> _States:
        """What layers are given of a text, (layers, tokens, hidden)."""
        states = self._encoder.states_below(tokens, layers or self._layers)
        return np.stack(states).astype(np.float16)


class _LastTexts:
    """What became of the last texts, up to a number of tokens."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._tokens = 0
        self._kept: OrderedDict[str, _States] = OrderedDict()
        self._lock = Lock()

    def of(self, text: str, make: Callable[[], _States]) -> _States:
        """The states of a text, made anew where they are not kept."""
        with self._lock:
            if text in self._kept:
                self._kept.move_to_end(text)
                return self._kept[text]
        states = make()
        self.keep(text, states)
        return states

    def keep(self, text: str, states: _States) -> None:
        """Keep the states of a text, and forget those longest unused where they are too many."""
        with self._lock:
            if text in self._kept:
                return
            self._kept[text] = states
            self._tokens += states.shape[1]
            while self._tokens > self._most and len(self._kept) > 1:
                self._tokens -= self._kept.popitem(last=False)[1].shape[1]


def scores_with_read(
    scores: Sequence[float], read: Callable[[int], float]
) -> tuple[list[float], list[float]]:
    """Scores of hits once it counts whether the first of them answer.

    A hit is left unread where it could not pass those before it, and is then thought to answer as
    little as the least of these, so that it does not.

    Args:
        scores: of all hits, falling, in [0, 1]; at least one.
        read: `Reader.log_odds` of the hit in a place.

    Returns:
        The scores, in [0, 1], and the odds of the first hits, as many as were read.
    """
    odds: list[float] = []
    highest = 0.0
    for place, score in enumerate(scores[:READ_HITS]):
        if odds and score + READ_WEIGHT * MOST_ODDS <= highest:
            break
        odds.append(read(place))
        highest = max(highest, score + READ_WEIGHT * odds[-1])
    of_all = [*odds, *[min(odds)] * (len(scores) - len(odds))]
    joined = [score + READ_WEIGHT * one for score, one in zip(scores, of_all, strict=True)]
    return [min(max(one, 0.0), 1.0) for one in joined], odds


def reader_of(encoder: Encoder) -> Reader | None:
    """The reader that was made with an encoder; None where there is none."""
    inner: object = first_of(encoder)
    while isinstance(inner, WrapsEncoder):
        inner = inner.encoder
    return _opened(inner) if isinstance(inner, OnnxEncoder) else None


@lru_cache(maxsize=2)
def _opened(encoder: OnnxEncoder) -> Reader | None:
    """Opened once for each encoder, because a shop's many versions are read with the same."""
    graph = encoder.folder / READER_FILE
    return Reader(encoder, graph) if graph.is_file() else None

"""Texts in, unit vectors out: the one door to sentence encoders.

Everything that is built from vectors (index, intent head, thresholds) is built with the very
runtime that serves, because an int8 export agrees with its float original only roughly.

Importing this module loads no model library; `load` does.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable, Iterator, Sequence
from copy import copy
from functools import cache
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from knowledge_base.errors import ModelFolderRefused
from knowledge_base.model_folder import Manifest, verify
from knowledge_base.question_key import simplified_text
from knowledge_base.unigram_tokenizer import UnigramTokenizer
from knowledge_base.word_embeddings import WordEmbeddings
from knowledge_base.wordpiece_tokenizer import wordpiece_tokenizer

Vectors = NDArray[np.float32]

SERVING_FOLDER = "serving"
FLOAT_FOLDER = "float"
TOKENIZER_FILE = "tokenizer.json"
ENCODING_VERSION = "2"  # changes when pooling, cutting or cleaning changes
BATCH_TOKENS = 384  # computed together at most, but for one long text; more is slower again
INPUTS = {"words", "places", "lengths", "spread", "kept"}  # of a graph of `training.encoder_graph`
BELOW = "below."  # and a layer's number: outputs of such a graph, what a layer is given
CONTROL_CHARACTERS = dict.fromkeys([*range(9), *range(14, 32), 127])  # none is in the vocabulary
LONGEST_PIECE = 16  # characters of the longest token, so that a text can be cut before tokenizing
_KANA = re.compile("[\u3040-\u30ff]")  # Japanese keeps its characters


class Encoder(Protocol):
    """Encodes shoppers' messages and the questions of entries into one space.

    Attributes:
        name: catalogue name, e.g. "multilingual-e5-small".
        digest: changes whenever the same text could give another vector (weights, runtime,
            pooling).
        dimensions: length of a vector.
    """

    name: str
    digest: str
    dimensions: int

    def encode_questions(self, texts: Sequence[str]) -> Vectors:
        """Encode what shoppers write and what phrasings ask: (n, dimensions), float32, L2 norm 1.

        The same text alone or in a batch of any order gives the same vector to 1e-3 cosine, and so
        does a Chinese one in traditional or in simplified characters.
        """
        ...

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Encode answers and other longer texts that are searched for: as above."""
        ...


@runtime_checkable
class LeavesTheLock(Protocol):
    """An encoder whose model runs without Python's lock, and that says when this begins."""

    def encode_question(self, text: str, meanwhile: Callable[[], object]) -> Vectors:
        """Encode one question: (1, dimensions); as `Encoder.encode_questions`.

        Args:
            meanwhile: called when only the model is left to run. Threads that this starts do not
                hold up what comes before it: a thread that waits for Python's lock gets it at the
                first chance, and keeps it for up to 5 ms.
        """
        ...


def encode_question_beside(encoder: Encoder, text: str, work: Callable[[], object]) -> Vectors:
    """Encode one question, (1, dimensions), and begin other work when it no longer hinders that."""
    if isinstance(encoder, LeavesTheLock):
        return encoder.encode_question(text, work)
    work()
    return encoder.encode_questions([text])


def load_encoder(folder: Path, threads: int = 1) -> OnnxEncoder:
    """Load the encoder of a model folder after comparing its files with the manifest.

    Args:
        folder: a converted model, e.g. var/models/multilingual-e5-small.
        threads: compute threads of one call; calls from several threads run beside each other.

    Raises:
        ModelFolderRefused: the folder is missing, altered or no encoder.
    """
    manifest = verify(folder, kind="encoder", under=f"{SERVING_FOLDER}/")
    try:
        encoder = OnnxEncoder(folder / SERVING_FOLDER, manifest, threads)
    except KeyError as lacking:
        raise ModelFolderRefused(
            f"{folder} was converted by an older version (no {lacking} in its manifest): "
            f"shopkeeper models fetch {manifest.name} --again"
        ) from lacking
    encoder.load()
    return encoder


class OnnxEncoder:
    """The serving encoder: 8-bit products in onnxruntime, word embeddings from a mapped file.

    Safe to call from several threads. Texts are cut at the token limits of the manifest; a text's
    vector does not depend on the others of its batch.

    Attributes:
        folder: that it was loaded from.
    """

    def __init__(self, folder: Path, manifest: Manifest, threads: int = 1) -> None:
        facts = manifest.facts
        self.name = manifest.name
        self.digest = f"{manifest.digest(f'{SERVING_FOLDER}/')}-onnx{ENCODING_VERSION}"
        self.dimensions = int(facts["dimensions"])
        self._question = (str(facts["question_prefix"]), int(facts["question_tokens"]))
        self._passage = (str(facts["passage_prefix"]), int(facts["passage_tokens"]))
        self.folder = folder
        self._threads = threads
        self._session: Any = None
        self._watched: tuple[str, Callable[[str, Vectors], None]] | None = None
        self._tokenizer = str(facts["tokenizer"])
        self._tokenize: Callable[[str], list[int]]
        self._words: WordEmbeddings

    def load(self) -> None:
        """Open the model; takes a few tenths of a second."""
        self._tokenize = TOKENIZERS[self._tokenizer](self.folder)
        self._words = WordEmbeddings(self.folder)
        self._session = self._opened(str(self.folder / "model.onnx"))

    def with_graph(self, graph: bytes, digest: str) -> OnnxEncoder:
        """An encoder with other layers that shares this one's tokenizer and word embeddings.

        Args:
            graph: an ONNX model with the inputs and outputs of this one's own.
            digest: what the new one's vectors depend on beside this one's digest.
        """
        other = copy(self)
        other._watched = None
        other.digest = f"{self.digest}+{digest}"
        other._session = self._opened(graph)
        return other

    def _opened(self, model: str | bytes) -> Any:
        session = open_session(model, self._threads)
        if {given.name for given in session.get_inputs()} != INPUTS:
            raise ModelFolderRefused(
                f"{self.name} was converted by an older version; make it again with: "
                f"shopkeeper models fetch {self.name}"
            )
        return session

    def question_tokens(self, texts: Sequence[str]) -> list[list[int]]:
        """The tokens that questions are encoded from, with those that begin and end a text."""
        return [self._tokens(text, *self._question) for text in texts]

    def passage_tokens(self, texts: Sequence[str]) -> list[list[int]]:
        """The same of passages."""
        return [self._tokens(text, *self._passage) for text in texts]

    def layers_shown(self) -> list[int]:
        """Numbers of the layers whose inputs `states_below` tells, lowest first."""
        names = [one.name for one in self._session.get_outputs()]
        return sorted(int(name.removeprefix(BELOW)) for name in names if name.startswith(BELOW))

    def watch(self, layer: int, take: Callable[[str, Vectors], None]) -> None:
        """Have every question that is encoded told, with what a layer was given of it.

        Args:
            layer: of `layers_shown`.
            take: called with the text and (tokens, hidden), from any thread.
        """
        self._watched = (f"{BELOW}{layer}", take)

    def states_below(self, tokens: list[int], layers: Sequence[int]) -> list[Vectors]:
        """What some layers are given of one text, (tokens, hidden) each.

        Args:
            layers: of `layers_shown`.
        """
        names = [f"{BELOW}{layer}" for layer in layers]
        states: list[Vectors] = self._session.run(names, self._inputs([tokens]))
        return states

    def knows_word(self, word: str) -> bool:
        """Tell whether a word is so common that it is one token, and no slip of the fingers."""
        return len(self._tokenize(word)) <= len(self._tokenize("")) + 1

    def encode_questions(self, texts: Sequence[str]) -> Vectors:
        """Encode questions: (n, dimensions), float32, L2 norm 1."""
        return self._encode(texts, *self._question, watched=True)

    def encode_question(self, text: str, meanwhile: Callable[[], object]) -> Vectors:
        """See LeavesTheLock."""
        tokens = [self._tokens(text, *self._question)]
        given = self._inputs(tokens)
        meanwhile()
        return self._pooled(given, [text])

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Encode passages: as above."""
        return self._encode(texts, *self._passage)

    def _encode(
        self, texts: Sequence[str], prefix: str, limit: int, watched: bool = False
    ) -> Vectors:
        vectors = np.empty((len(texts), self.dimensions), dtype=np.float32)
        tokens = [self._tokens(text, prefix, limit) for text in texts]
        for rows in _batches([len(some) for some in tokens]):
            given = self._inputs([tokens[at] for at in rows])
            vectors[rows] = self._pooled(given, [texts[at] for at in rows] if watched else ())
        return vectors

    def _tokens(self, text: str, prefix: str, limit: int) -> list[int]:
        return cut_tokens(self._tokenize(prefix + clean(text, limit)), limit)

    def _inputs(self, tokens: list[list[int]]) -> dict[str, NDArray[Any]]:
        """What the graph is given for some texts, see `training.encoder_graph`."""
        lengths = np.array([len(ids) for ids in tokens], dtype=np.int32)
        if len(tokens) == 1:
            places = np.arange(lengths[0])
            return {
                "words": self._words.of(np.array(tokens[0])),
                "places": places,
                "lengths": lengths,
                "spread": places[None],
                "kept": places,
            }
        first = np.concatenate(([0], np.cumsum(lengths)[:-1]))
        places = np.arange(lengths.max())
        inside = places < lengths[:, None]
        kept = np.flatnonzero(inside)
        return {
            "words": self._words.of(np.concatenate(tokens)),
            "places": kept % len(places),
            "lengths": lengths,
            "spread": np.where(inside, first[:, None] + places, 0),
            "kept": kept,
        }

    def _pooled(self, given: dict[str, NDArray[Any]], watched: Sequence[str]) -> Vectors:
        """Mean of the token states of each text, scaled to length one.

        Args:
            watched: the texts, where somebody may want to know what became of them on the way.
        """
        if self._watched and watched:
            name, take = self._watched
            states, below = self._session.run(["states", name], given)
            first = given["spread"][:, 0].tolist()
            for text, at, length in zip(watched, first, given["lengths"].tolist(), strict=True):
                take(text, below[at : at + length])
        else:
            (states,) = self._session.run(["states"], given)
        sums: Vectors = np.add.reduceat(states, given["spread"][:, 0], axis=0)
        sums /= np.linalg.norm(sums, axis=1, keepdims=True)
        return sums


def open_session(model: str | bytes, threads: int) -> Any:
    """Open an ONNX model, from a file or from its bytes, with so many compute threads."""
    # Its wheels report to their maker what runs where, unless this is said before they are loaded.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime

    _share_an_arena(onnxruntime)
    options = onnxruntime.SessionOptions()
    options.add_session_config_entry("session.use_env_allocators", "1")
    options.add_session_config_entry("session.use_device_allocator_for_initializers", "1")
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


@cache
def _share_an_arena(onnxruntime: Any) -> None:
    """Have all encoders of this program compute in one arena of memory, not each in its own."""
    arena = onnxruntime.OrtAllocatorType.ORT_ARENA_ALLOCATOR
    usual = onnxruntime.OrtMemType.DEFAULT
    onnxruntime.create_and_register_allocator(
        onnxruntime.OrtMemoryInfo("Cpu", arena, 0, usual), None
    )


class SentenceTransformersEncoder:
    """The reference twin in float32: slow to load, large, and what the export is compared with."""

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        facts = manifest.facts
        self.name = manifest.name
        self.digest = f"{manifest.digest(f'{FLOAT_FOLDER}/')}-float{ENCODING_VERSION}"
        self.dimensions = int(facts["dimensions"])
        self._question = (str(facts["question_prefix"]), int(facts["question_tokens"]))
        self._passage = (str(facts["passage_prefix"]), int(facts["passage_tokens"]))
        self._folder = folder
        self._model: Any = None

    def load(self) -> None:
        """Load sentence-transformers and the float32 weights; takes seconds."""
        from sentence_transformers import SentenceTransformer

        self._model = SentenceTransformer(
            str(self._folder),
            device="cpu",
            local_files_only=True,
            model_kwargs={"use_safetensors": True, "add_pooling_layer": False},
        )

    def encode_questions(self, texts: Sequence[str]) -> Vectors:
        """Encode questions: (n, dimensions), float32, L2 norm 1."""
        return self._encode(texts, *self._question)

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Encode passages: as above."""
        return self._encode(texts, *self._passage)

    def _encode(self, texts: Sequence[str], prefix: str, limit: int) -> Vectors:
        if not texts:
            return np.empty((0, self.dimensions), dtype=np.float32)
        self._model.max_seq_length = limit
        vectors: Vectors = self._model.encode(
            [prefix + clean(text, limit) for text in texts],
            prompt="",
            normalize_embeddings=True,
            show_progress_bar=False,
        )
        return vectors


def cut_tokens(ids: Sequence[int], limit: int) -> list[int]:
    """At most so many tokens of a text, the one that ends it among them."""
    return list(ids) if len(ids) <= limit else [*ids[: limit - 1], ids[-1]]


def clean(text: str, limit: int) -> str:
    """Cut what the token limit would cut anyway; drop what is no text; simplify Chinese."""
    text = text[: limit * LONGEST_PIECE * 2].translate(CONTROL_CHARACTERS)
    words = " ".join(text.split())[: limit * LONGEST_PIECE]
    return in_known_characters(words).encode("utf-8", "replace").decode("utf-8")


def in_known_characters(text: str) -> str:
    """Chinese in simplified characters, which encoders know best; any other text as it is.

    To an encoder one sentence in two scripts is further apart than two sentences in one.
    """
    return text if text.isascii() or _KANA.search(text) else simplified_text(text)


def _unigram(folder: Path) -> Callable[[str], list[int]]:
    return UnigramTokenizer.load(folder).encode


def _from_library(folder: Path) -> Callable[[str], list[int]]:
    file = folder / TOKENIZER_FILE
    pieces = wordpiece_tokenizer(file.read_text(encoding="utf-8"))
    if pieces is not None:
        return pieces.encode  # the same ids, in a tenth of the memory
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(file))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return lambda text: list(tokenizer.encode(text).ids)


TOKENIZERS = {"unigram": _unigram, "tokenizers": _from_library}  # by the manifest's word for it


def _batches(lengths: list[int]) -> Iterator[list[int]]:
    """Positions of texts that are computed together: alike in length, about as many tokens each."""
    order = sorted(range(len(lengths)), key=lengths.__getitem__)
    most = math.ceil(sum(lengths) / max(1, math.ceil(sum(lengths) / BATCH_TOKENS)))
    batch: list[int] = []
    tokens = 0
    for at in order:
        if batch and tokens + lengths[at] > most:
            yield batch
            batch, tokens = [], 0
        batch.append(at)
        tokens += lengths[at]
    if batch:
        yield batch

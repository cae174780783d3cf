"""A small causal language model that continues a text: greedy, with a deadline that really stops.

Runs in the writer's child process alone; the only file of the serving code that imports torch and
transformers, and only in `load`.
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.answering.writing_prompt import NO_ANSWER
from knowledge_base.model_folder import verify

SERVING_FOLDER = "serving"
THREADS = 1  # the encoder and the server need the other cores
LOOP_TOKENS = 4  # so many tokens, three times in a row, are a loop
_CLAUSE = re.compile(r"[\s，。！？；：、“”（）,.!?;:()\[\]]+")
SENTENCE_END = re.compile(r"[。！？!?…]+|\.(?=\s|$)")


@dataclass(frozen=True, slots=True)
class Continuation:
    """What was written: whole sentences only, possibly none."""

    text: str
    tokens: int
    seconds: float


class CausalModel:
    """A transformers model from a folder of safetensors, in bfloat16."""

    def __init__(self, folder: Path) -> None:
        self.name = folder.name
        self._folder = folder
        self._model: Any = None
        self._tokenizer: Any = None
        self._head: NarrowHead | None = None

    def load(self) -> None:
        """Compare the files with the manifest and load them; takes seconds.

        Raises:
            ModelFolderRefused: the folder is missing, altered or no generator.
        """
        manifest = verify(self._folder, kind="generator", under=f"{SERVING_FOLDER}/")
        self.name = manifest.name
        import torch
        from transformers import AutoModelForCausalLM, AutoTokenizer

        torch.set_num_threads(THREADS)
        place = self._folder / SERVING_FOLDER
        self._tokenizer = AutoTokenizer.from_pretrained(place, local_files_only=True)
        self._model = AutoModelForCausalLM.from_pretrained(
            place, dtype=torch.bfloat16, local_files_only=True, use_safetensors=True
        ).eval()
        if manifest.facts.get("style") == "shop":
            self._head = NarrowHead(self._model.lm_head.weight)
            self._model.lm_head.forward = self._head

    def continue_text(
        self, prompt: str, stops: Sequence[str], tokens: int, seconds: float
    ) -> Continuation:
        """Continue a text until a stop, the token limit or the deadline.

        Args:
            prompt: what is continued.
            stops: texts at which the reply ends; not part of it.
            tokens: most tokens to write.
            seconds: most time to take; a reply that is cut ends at its last whole sentence.
        """
        import torch

        started = time.monotonic()
        ids = self._tokenizer(prompt, return_tensors="pt")
        begin = ids["input_ids"].shape[1]
        if self._head is not None:
            self._head.narrow(copied_tokens(self._tokenizer, prompt))
        watch = _Watch(self._tokenizer, begin, tuple(stops), started + seconds)
        with torch.inference_mode():
            written = self._model.generate(
                **ids,
                max_new_tokens=tokens,
                do_sample=False,
                stopping_criteria=[watch],
                pad_token_id=self._tokenizer.pad_token_id or self._tokenizer.eos_token_id,
            )[0, begin:]
        raw = self._tokenizer.decode(written, skip_special_tokens=True)
        finished = watch.stopped or int(written[-1]) == self._tokenizer.eos_token_id
        return Continuation(
            whole_sentences(raw, tuple(stops), finished),
            len(written),
            time.monotonic() - started,
        )


class NarrowHead:
    """The last layer, for those tokens alone that may be written; all others score nothing.

    Of a small model with a large vocabulary this layer is most of the work. A model that copies
    needs only the tokens of its prompt, so a reply cannot hold a word that the prompt has not.
    """

    def __init__(self, weight: Any) -> None:
        self._weight = weight
        self._rows: Any = None
        self._kept: Any = None

    def narrow(self, tokens: Sequence[int]) -> None:
        """Take only these tokens from now on."""
        self._rows = self._weight.new_tensor(tokens, dtype=int_type())
        self._kept = self._weight.detach()[self._rows]

    def __call__(self, hidden: Any) -> Any:
        """Score every token: (…, hidden size) in, (…, vocabulary) out."""
        scores = hidden.new_full((*hidden.shape[:-1], len(self._weight)), float("-inf"))
        scores[..., self._rows] = hidden @ self._kept.T
        return scores


def copied_tokens(tokenizer: Any, prompt: str) -> list[int]:
    """Every token with which a part of the prompt may be copied, the mark and the end, sorted.

    A clause may be cut otherwise at the beginning of a reply than inside the prompt.
    """
    texts = [prompt, NO_ANSWER, *(part for part in _CLAUSE.split(prompt) if part)]
    found = {token for ids in tokenizer(texts)["input_ids"] for token in ids}
    return sorted(found | {tokenizer.eos_token_id})


class _Watch:
    """Looked at after every token: ends the writing at a stop, in a loop or at the deadline."""

    def __init__(self, tokenizer: Any, begin: int, stops: tuple[str, ...], until: float) -> None:
        self._tokenizer = tokenizer
        self._begin = begin
        self._stops = stops
        self._until = until
        self.stopped = False

    def __call__(self, ids: Any, scores: Any, **_rest: Any) -> Any:
        written = ids[0, self._begin :].tolist()
        text = self._tokenizer.decode(written, skip_special_tokens=True)
        self.stopped = any(stop in text.lstrip() for stop in self._stops)
        over = self.stopped or in_a_loop(written) or time.monotonic() >= self._until
        return ids.new_full((ids.shape[0],), over, dtype=bool_type())


def bool_type() -> Any:
    """The boolean type of torch."""
    import torch

    return torch.bool


def int_type() -> Any:
    """The integer type in which torch counts."""
    import torch

    return torch.int64


def in_a_loop(tokens: Sequence[int]) -> bool:
    """Whether the end of the text repeats itself: the same few tokens three times in a row."""
    for length in range(1, 4 * LOOP_TOKENS):
        if len(tokens) >= max(3 * length, 12):
            one, two, three = (
                tokens[-k * length : len(tokens) - (k - 1) * length] for k in (1, 2, 3)
            )
            if list(one) == list(two) == list(three):
                return True
    return False


def whole_sentences(raw: str, stops: tuple[str, ...], finished: bool) -> str:
    """Cut at the first stop; a text that was not finished ends at its last sentence end."""
    text = raw.lstrip()
    for stop in stops:
        text = text.partition(stop)[0]
    text = text.strip()
    if finished:
        return text
    ends = [match.end() for match in SENTENCE_END.finditer(text)]
    return text[: ends[-1]] if ends else ""

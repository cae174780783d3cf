"""Learns to read a question beside an entry and to tell whether the entry answers it.

    python -m training.learn_reader

The upper half of the first encoder's layers learns, by low-rank changes, to see the words of a
phrasing and of an answer while a question goes up through it (`training.reader_graph`), from the
same examples as `training.ship_told`: small shops in `training/small_shops/learnt/`. Written is
`training/adapters/multilingual-e5-small-reader/adapter.safetensors`, to be pinned in the catalogue
by the SHA-256 that is printed; `shopkeeper models fetch` then makes the reader.

About an hour on two cores, a third of it before the first step. Every so many steps what was learnt
is written, so that a run that is cut short leaves something.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch
from numpy.typing import NDArray
from peft import LoraConfig, inject_adapter_in_model
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn import functional

from bot.settings import load_settings
from knowledge_base.encoder import OnnxEncoder, cut_tokens, load_encoder
from knowledge_base.encoder_pair import pair_of
from knowledge_base.model_catalogue import catalogue_model
from knowledge_base.model_folder import sha256_of
from knowledge_base.reader import ANSWER_TOKENS, QUESTION_TOKENS
from training.adapter_files import ADAPTER_FILE, ADAPTERS, verified_adapter
from training.cached_vectors import CachedEncoder
from training.fetch_weights import fetch
from training.make_model import write_floats
from training.progress import silent
from training.reader_graph import HEAD, KINDS
from training.told_examples import ReadExample, read_examples
from training.tune_shop_encoder import name_in_encoder, pace
from training.upper_layers import LayerStates
from training.written_shops import small_shops

MODEL, SECOND = "multilingual-e5-small", "all-MiniLM-L6-v2"
FOLDER = f"{MODEL}-reader"
RANK, CHANGED = 32, ("query", "key", "value", "dense")
LAYERS, HEADS, HIDDEN = 6, 12, 64  # that read; of each; in what tells the odds
STEPS, BATCH, RATE, TELLING_RATE = 1300, 64, 5e-4, 1e-3
DECAY, DROPPED, DROPPED_LAST = 0.01, 0.05, 0.1
SURE = 0.98  # what counts as certain, because some of what was written is open to doubt
DRAWN_AT_ONCE = 50  # batches, within which examples of like length are computed together
WRITTEN_EVERY = 100  # steps
SEED = 1


@dataclass(frozen=True, slots=True)
class Given:
    """Examples side by side, padded.

    Attributes:
        asked: tokens of the questions on the way into the lowest layer that reads, (n, asked,
            hidden).
        is_asked: which of them there are, (n, asked).
        read: tokens of phrasings and answers on the way into each layer, (n, seen, hidden) each.
        is_read: which of them there are, (n, seen).
        kinds: 0 in the places of phrasings, 1 in those of answers, (seen,).
    """

    asked: Tensor
    is_asked: Tensor
    read: Sequence[Tensor]
    is_read: Tensor
    kinds: Tensor


class LearningReader(nn.Module):  # type: ignore[misc]  # torch is not typed here
    """A reader as it is learnt; `training.reader_graph` is the same as it serves.

    Args:
        layers: the upper layers of an encoder, which are changed.
        hidden: how wide a token is.
        heads: of each layer.
    """

    def __init__(self, layers: nn.ModuleList, hidden: int, heads: int = HEADS) -> None:
        super().__init__()
        self.layers = layers
        self._heads = heads
        self.layers.requires_grad_(False)
        changes = LoraConfig(
            r=RANK, lora_alpha=RANK, lora_dropout=0.0, target_modules=list(CHANGED)
        )
        inject_adapter_in_model(changes, self.layers)
        self.kinds = nn.Parameter(torch.zeros(len(layers), 2, hidden))
        self.inner = nn.Linear(2 * hidden, HIDDEN)
        self.outer = nn.Linear(HIDDEN, 1)

    def forward(self, given: Given) -> Tensor:
        """Logarithm of the odds that each question is answered, (n,)."""
        state, count = given.asked, len(given.asked)
        there = torch.cat([given.is_asked, given.is_read], dim=1)[:, None, None, :]

        def parted(rows: Tensor) -> Tensor:
            return rows.view(count, rows.shape[1], self._heads, -1).transpose(1, 2)

        for number, layer in enumerate(self.layers):
            everything = torch.cat([state, given.read[number] + self.kinds[number][given.kinds]], 1)
            own = layer.attention.self
            seen = functional.scaled_dot_product_attention(
                parted(own.query(state)),
                parted(own.key(everything)),
                parted(own.value(everything)),
                attn_mask=there,
            )
            seen = seen.transpose(1, 2).reshape(state.shape)
            attended = layer.attention.output
            state = attended.LayerNorm(state + self._dropped(attended.dense(seen), DROPPED))
            outer = layer.output.dense(functional.gelu(layer.intermediate.dense(state)))
            state = layer.output.LayerNorm(state + self._dropped(outer, DROPPED))
        asked = given.is_asked[:, :, None].float()
        both = torch.cat([(state * asked).sum(1) / asked.sum(1), state[:, 0]], dim=1)
        inner = torch.relu(self.inner(self._dropped(both, DROPPED_LAST)))
        odds: Tensor = self.outer(inner)
        return odds[:, 0]

    def _dropped(self, rows: Tensor, share: float) -> Tensor:
        return functional.dropout(rows, share, self.training)

    def save(self, path: Path, first: int) -> None:
        """Write what was learnt, as `AdapterFile` reads it.

        Args:
            first: number of the lowest layer that reads, in the encoder.
        """
        learnt = {
            name_in_encoder(name, first): tensor
            for name, tensor in self.layers.named_parameters()
            if tensor.requires_grad
        }
        telling = (self.inner.weight, self.inner.bias, self.outer.weight, self.outer.bias)
        learnt |= {KINDS: self.kinds, **dict(zip(HEAD, telling, strict=True))}
        path.parent.mkdir(parents=True, exist_ok=True)
        half = {name: tensor.detach().to(torch.float16) for name, tensor in learnt.items()}
        save_file({name: tensor.contiguous() for name, tensor in half.items()}, path)


class ReadTexts:
    """Every text of some examples, as the layers below leave it, and the examples by their rows.

    Args:
        examples: what is learnt.
        encoder: tells tokens.
        float_folder: its float32 weights.
        layers: how many of its upper layers read.
    """

    def __init__(
        self,
        examples: Sequence[ReadExample],
        encoder: OnnxEncoder,
        float_folder: Path,
        layers: int = LAYERS,
    ) -> None:
        questions = list(dict.fromkeys(one.question for one in examples))
        phrasings = list(dict.fromkeys(one.phrasing for one in examples))
        answers = list(dict.fromkeys(one.answer for one in examples))
        self.asked = LayerStates.of(
            [cut_tokens(ids, QUESTION_TOKENS) for ids in encoder.question_tokens(questions)],
            float_folder,
            layers,
            1,
        )
        read = [
            *(cut_tokens(ids, QUESTION_TOKENS) for ids in encoder.question_tokens(phrasings)),
            *(cut_tokens(ids, ANSWER_TOKENS) for ids in encoder.passage_tokens(answers)),
        ]
        self.read = LayerStates.of(read, float_folder, layers, layers)
        question = {text: row for row, text in enumerate(questions)}
        phrasing = {text: row for row, text in enumerate(phrasings)}
        answer = {text: len(phrasings) + row for row, text in enumerate(answers)}
        self.rows = np.array(
            [
                (question[one.question], phrasing[one.phrasing], answer[one.answer])
                for one in examples
            ]
        )

    def given(self, some: NDArray[np.int64]) -> Given:
        """What is learnt from some of the examples."""
        question, phrasing, answer = self.rows[some].T
        (asked,), is_asked = self.asked.padded(question)
        phrasings, is_phrasing = self.read.padded(phrasing)
        answers, is_answer = self.read.padded(answer)
        kinds = [torch.zeros(is_phrasing.shape[1]), torch.ones(is_answer.shape[1])]
        return Given(
            asked,
            is_asked,
            [torch.cat(both, dim=1) for both in zip(phrasings, answers, strict=True)],
            torch.cat([is_phrasing, is_answer], dim=1),
            torch.cat(kinds).long(),
        )

    def seen(self, some: NDArray[np.int64]) -> NDArray[np.int64]:
        """Of how many tokens phrasing and answer are."""
        seen: NDArray[np.int64] = self.read.lengths[self.rows[some][:, 1:]].sum(axis=1)
        return seen


def batches(
    weights: NDArray[np.float64], seen: NDArray[np.int64], chance: np.random.Generator
) -> Iterator[NDArray[np.int64]]:
    """Draw examples for ever, likelier those that weigh more; those alike in length together.

    Args:
        weights: of the examples.
        seen: how much is read in each.
    """
    size = min(BATCH, len(weights))
    count = min(size * DRAWN_AT_ONCE, len(weights))
    while True:
        drawn = chance.choice(len(weights), count, replace=False, p=weights / weights.sum())
        drawn = drawn[np.argsort(seen[drawn], kind="stable")]
        parts = [drawn[start : start + size] for start in range(0, count - size + 1, size)]
        for at in chance.permutation(len(parts)):
            yield parts[at]


def learn(
    reader: LearningReader,
    texts: ReadTexts,
    examples: Sequence[ReadExample],
    steps: int,
    written: Path | None = None,
) -> None:
    """Have a reader learn from examples.

    Args:
        written: where what was learnt is written now and then, and at the end.
    """
    torch.manual_seed(SEED)
    wanted = torch.tensor([SURE if one.told else 1 - SURE for one in examples])
    weights = np.array([one.weight for one in examples])
    changes = [reader.kinds, *(one for one in reader.layers.parameters() if one.requires_grad)]
    telling = [*reader.inner.parameters(), *reader.outer.parameters()]
    rates = (RATE, TELLING_RATE)
    learner = torch.optim.AdamW([{"params": changes}, {"params": telling}], weight_decay=DECAY)
    drawn = batches(weights, texts.seen(np.arange(len(examples))), np.random.default_rng(SEED))
    started, lost = time.monotonic(), 0.0
    reader.train()
    for number in range(steps):
        some = next(drawn)
        for group, rate in zip(learner.param_groups, rates, strict=True):
            group["lr"] = rate * pace(number, steps)
        loss = functional.binary_cross_entropy_with_logits(reader(texts.given(some)), wanted[some])
        learner.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_([*changes, *telling], 1.0)
        learner.step()
        lost = 0.97 * lost + 0.03 * float(loss.detach())
        left = (time.monotonic() - started) / (number + 1) * (steps - number - 1)
        shown = lost / (1 - 0.97 ** (number + 1))
        sys.stderr.write(
            f"\rstep {number + 1} of {steps}, loss {shown:.3f}, {left / 60:.0f} min left   "
        )
        if written and ((number + 1) % WRITTEN_EVERY == 0 or number + 1 == steps):
            reader.save(written, texts.asked.first)
    reader.eval()


def main() -> None:
    """Learn, tell how far it is, and write what was learnt."""
    models = Path("var/models")
    encoder = load_encoder(models / MODEL)
    pair = pair_of(CachedEncoder(encoder), CachedEncoder(load_encoder(models / SECOND)))

    def progress(what: str, done: int, of: int) -> None:
        sys.stderr.write(f"\r{what}: {done} of {of}   ")

    examples = read_examples(tuple(small_shops("learnt")), pair, SEED, progress)
    model = catalogue_model(MODEL)
    pieces = fetch(model, load_settings().weights_cache, silent)
    target = ADAPTERS / FOLDER / ADAPTER_FILE
    with TemporaryDirectory() as floats:
        adapter = verified_adapter(model.adapter) if model.adapter else None
        write_floats(model, pieces, Path(floats), adapter)
        texts = ReadTexts(examples, encoder, Path(floats))
    reader = LearningReader(texts.asked.top, encoder.dimensions)
    learn(reader, texts, examples, STEPS, target)
    sys.stdout.write(f"\nwritten: {target.name}, SHA-256 {sha256_of(target)}\n")


if __name__ == "__main__":
    main()

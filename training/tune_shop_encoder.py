"""Tunes an encoder that all shops share on small shops that were written for it.

    python -m training.tune_shop_encoder [MODEL]

The upper half of the layers learns, by low-rank changes, that a shopper's question is nearest to
the phrasings and the answer of the entry that answers it, and nearer to it than questions that the
entry does not answer; that a message which only stands behind another is, with that one, nearest to
what answers it; and that all texts stay as near to one another as they were, messages of talks
among them. What it has learnt goes into the model at half its size or less (`scale` in the
catalogue): that keeps what the encoder knew of other texts, and most of what it learnt. Figures in
docs/measurements/shop-encoder.md.

Written: `training/adapters/MODEL/adapter.safetensors`, to be pinned in the catalogue by the SHA-256
that is printed. Learns from `training/small_shops/learnt/` and, how texts were, from the demo
shop's talks that are in sight. A quarter to half an hour on two cores, more where the processor
does not multiply 16-bit numbers; every so many steps the adapter is written, so that a run that is
cut short leaves one.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
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
from knowledge_base.encoder import OnnxEncoder, load_encoder
from knowledge_base.entry import EntryId
from knowledge_base.fusion import SHARPNESS
from knowledge_base.model_catalogue import catalogue_model
from knowledge_base.model_folder import sha256_of
from knowledge_base.script import language_of
from training.adapter_files import ADAPTER_FILE, ADAPTERS
from training.far_questions import every_question
from training.fetch_weights import fetch
from training.make_model import write_floats
from training.progress import silent
from training.shop_files import read_shop_entries
from training.shop_training import shop_files
from training.talks import NOTHING, Talk, read_talks
from training.train_mood_classifier import own_phrases
from training.tune_encoder import short_numbers
from training.upper_layers import UpperLayers
from training.written_shops import SmallShop, small_shops

RANK, TUNED = 32, ("query", "key", "value", "dense")
MODELS = ("all-MiniLM-L6-v2", "multilingual-e5-small")
STEPS, RATE, LEAST_RATE, WARM_UP, DECAY = 300, 5e-4, 0.03, 0.08, 0.01
SEED = 1
WRITTEN_EVERY = 25  # steps

# Of one shop in one step: phrasings that are published, and questions.
PHRASINGS, TOLD, NEAR, BEHIND = (1, 1, 2, 2, 3), 2, 10, 8
ANSWER_WEIGHT = 0.5  # beside 1 for the phrasings
TEMPERATURE = 18.0  # cosines are multiplied with, to tell which entry is meant
BORDER, SHARP = 0.45, 12.0  # a likeness above is an answer, and how sharply
ANSWERED, STRANGE = 0.5, 0.3  # weights of telling answered from untold, and of near questions
# Weight of staying as near as before, and texts of a step: as many of shops as of each other kind.
KEPT, COMPARED = 20.0, 72


@dataclass(frozen=True, slots=True)
class _Entry:
    """Rows of the texts of one entry."""

    phrasings: Sequence[int]
    answer: int
    told: Sequence[int]
    untold: Sequence[int]


@dataclass(frozen=True, slots=True)
class _Shop:
    """Rows of a shop's texts.

    Attributes:
        near: answered by no entry, those behind another message too.
        behind: messages behind others, and the entry that answers each, by its number.
    """

    entries: Sequence[_Entry]
    near: Sequence[int]
    behind: Sequence[tuple[int, int]]


class ShopTexts:
    """The texts of some shops, each once, and which of them belong together.

    Args:
        others: texts that are of no shop, by kind.

    Attributes:
        questions, answers: in the order of their rows, questions first.
        shops: rows of each shop's texts.
        others: rows of texts that are of no shop, in one list a kind.
    """

    def __init__(self, shops: Sequence[SmallShop], *others: Sequence[str]) -> None:
        questions = [text for shop in shops for text in _questions(shop)]
        self.questions = list(dict.fromkeys([*questions, *chain.from_iterable(others)]))
        answers = [one.entry.answer for shop in shops for one in shop.entries]
        self.answers = list(dict.fromkeys(answers))
        row = {text: at for at, text in enumerate(self.questions)}
        answer = {text: len(row) + at for at, text in enumerate(self.answers)}
        self.shops = [_rows(shop, row, answer) for shop in shops]
        self.others = [[row[text] for text in dict.fromkeys(texts)] for texts in others]

    def tokens(self, encoder: OnnxEncoder) -> list[list[int]]:
        """Tokens of every text, as the encoder is asked them."""
        return [*encoder.question_tokens(self.questions), *encoder.passage_tokens(self.answers)]


def _questions(shop: SmallShop) -> list[str]:
    own = [text for one in shop.entries for text in (*one.entry.questions, *one.told, *one.untold)]
    return [*own, *shop.near, *(text for text, _ in behind_others(shop))]


def behind_others(shop: SmallShop) -> list[tuple[str, EntryId | None]]:
    """What is said in a shop's talks, behind what it is asked behind; and the entry that answers.

    As `bot.answering.in_context` asks it: behind the message before, and behind the plainest
    phrasing of what answered that.
    """
    plain = {one.entry.id: one.entry.questions[0] for one in shop.entries}
    asked: dict[str, EntryId | None] = {}
    for talk in shop.talks[::2]:  # the others are left for what may want talks not seen
        for before, said in pairwise(talk.said):
            if not (said.entries or NOTHING in said.wanted):
                continue
            wanted = EntryId(said.entries[0]) if said.entries else None
            asked[f"{before.text} {said.text}"] = wanted
            for one in before.entries[:1]:
                asked[f"{plain[EntryId(one)]} {said.text}"] = wanted
    return list(asked.items())


def _rows(shop: SmallShop, row: Mapping[str, int], answer: Mapping[str, int]) -> _Shop:
    entries = [
        _Entry(
            [row[text] for text in one.entry.questions],
            answer[one.entry.answer],
            [row[text] for text in one.told],
            [row[text] for text in one.untold],
        )
        for one in shop.entries
    ]
    number = {one.entry.id: at for at, one in enumerate(shop.entries)}
    behind = behind_others(shop)
    strange = [*shop.near, *(text for text, wanted in behind if wanted is None)]
    answered = [(row[text], number[wanted]) for text, wanted in behind if wanted is not None]
    return _Shop(entries, [row[text] for text in strange], answered)


@dataclass(frozen=True, slots=True)
class _Step:
    """Rows of what is looked at in one step; the number of the entry where that is not its place.

    Attributes:
        phrasings, owners: published phrasings, and whose they are.
        answers: of each entry.
        asked, wanted: questions, and the entry that answers each.
        untold: one of each entry.
        near: which no entry is about.
        others: texts of any shop and of none, which must stay as near to one another as they were.
    """

    phrasings: list[int]
    owners: list[int]
    answers: list[int]
    asked: list[int]
    wanted: list[int]
    untold: list[int]
    near: list[int]
    others: list[int]

    @property
    def rows(self) -> list[list[int]]:
        """Rows by what they are."""
        return [self.phrasings, self.answers, self.asked, self.untold, self.near, self.others]


def drawn(shop: _Shop, groups: Sequence[Sequence[int]], chance: np.random.Generator) -> _Step:
    """Draw a step from a shop.

    Args:
        groups: rows of texts from which `others` are drawn, of each as many.
    """
    step = _Step([], [], [], [], [], [], [], [])
    order_of = chance.permutation(len(shop.entries)).tolist()
    for number, at in enumerate(order_of):
        entry = shop.entries[at]
        published = int(chance.choice(PHRASINGS))
        order = chance.permutation(list(entry.phrasings)).tolist()
        asked = chance.permutation(list(entry.told)).tolist()[:TOLD]
        if chance.random() < 0.5:
            asked += order[published:][-1:]
        step.phrasings.extend(order[:published])
        step.owners.extend([number] * len(order[:published]))
        step.answers.append(entry.answer)
        step.asked.extend(asked)
        step.wanted.extend([number] * len(asked))
        step.untold.append(int(chance.choice(entry.untold)))
    for at in chance.permutation(len(shop.behind))[:BEHIND]:
        row, entry = shop.behind[at]
        step.asked.append(row)
        step.wanted.append(order_of.index(entry))
    step.near.extend(chance.permutation(list(shop.near)).tolist()[:NEAR])
    for group in groups:
        count = min(COMPARED // len(groups), len(group))
        step.others.extend(chance.choice(group, count, replace=False).tolist())
    return step


def said_in_talks(talks: Sequence[Talk]) -> list[str]:
    """Every message of some talks, and every message behind the one before."""
    said = [[one.text for one in talk.said] for talk in talks]
    behind = (f"{before} {text}" for one in said for before, text in pairwise(one))
    return [*chain.from_iterable(said), *behind]


def talks_in_sight(shops: Sequence[SmallShop]) -> list[Talk]:
    """The talks of small shops, and of the demo shop those that anything may be learnt from."""
    demo = shop_files(Path("demo_shop"))
    entries = {str(one.id) for one in read_shop_entries(demo.entries)[0]}
    files = sorted(Path("demo_shop/tuning").glob("talks.*.txt"))
    tuning = [talk for file in files for talk in read_talks(file, entries)]
    return [*tuning, *(talk for shop in shops for talk in shop.talks)]


class ShopLoss:
    """What is lost in a step; the border between answered and untold is learnt with it."""

    def __init__(self) -> None:
        self.border = nn.Parameter(torch.tensor(BORDER))

    def of(self, step: _Step, parts: Sequence[Tensor], others_before: Tensor) -> Tensor:
        """The loss of one step.

        Args:
            parts: unit vectors of `step.rows`.
            others_before: of `step.others` by the untouched encoder.
        """
        centre = torch.cat([parts[0], parts[2]]).mean(0)
        phrasings, answers, asked, untold, near = (
            functional.normalize(part - centre, dim=1) for part in parts[:5]
        )
        owners = torch.tensor(step.owners)

        def likeness(questions: Tensor) -> Tensor:
            cosines = questions @ phrasings.T
            weights = torch.exp(SHARPNESS * cosines)
            nothing = torch.zeros(len(questions), len(answers))
            sums = nothing.index_add(1, owners, weights * cosines)
            pooled = sums / nothing.index_add(1, owners, weights)
            return (pooled + ANSWER_WEIGHT * questions @ answers.T) / (1 + ANSWER_WEIGHT)

        found, wanted = likeness(asked), torch.tensor(step.wanted)
        right = functional.cross_entropy(found * TEMPERATURE, wanted)
        own = found[torch.arange(len(asked)), wanted]
        strange = likeness(near).max(dim=1).values
        told = (
            functional.softplus((self.border - own) * SHARP).mean()
            + functional.softplus((likeness(untold).diagonal() - self.border) * SHARP).mean()
            + STRANGE * functional.softplus((strange - self.border) * SHARP).mean()
        )
        moved = _nearness(parts[5]) - _nearness(others_before)
        return right + ANSWERED * told + KEPT * (moved**2).mean()


def _nearness(vectors: Tensor) -> Tensor:
    """Centred cosines of texts with one another, (n, n)."""
    rest = functional.normalize(vectors - vectors.mean(0), dim=1)
    return rest @ rest.T


class ShopTuning:
    """An encoder that learns from shops.

    Attributes:
        layers: the upper half of the encoder's, with low-rank changes that learn.
    """

    def __init__(self, texts: ShopTexts, tokens: Sequence[Sequence[int]], folder: Path) -> None:
        torch.manual_seed(SEED)
        self._texts = texts
        self._chance = np.random.default_rng(SEED)
        everything = range(len(texts.questions) + len(texts.answers))
        self._groups = [group for group in (everything, *texts.others) if group]
        count = _layers_of(folder)
        self.layers = UpperLayers.of(tokens, folder, count - count // 2, 0.0)
        self.layers.top.requires_grad_(False)
        self._untouched = self.layers.copied()
        changes = LoraConfig(r=RANK, lora_alpha=RANK, lora_dropout=0.0, target_modules=list(TUNED))
        inject_adapter_in_model(changes, self.layers.top)
        self._loss = ShopLoss()
        learnt = [one for one in self.layers.top.parameters() if one.requires_grad]
        self._learner = torch.optim.AdamW(
            [
                {"params": learnt, "lr": RATE, "weight_decay": DECAY},
                {"params": [self._loss.border], "lr": 10 * RATE, "weight_decay": 0.0},
            ]
        )
        self._learnt = learnt

    def step(self, number: int, steps: int) -> float:
        """Learn from one shop; gives what was lost."""
        for group, rate in zip(self._learner.param_groups, (RATE, 10 * RATE), strict=True):
            group["lr"] = rate * pace(number, steps)
        shop = self._texts.shops[self._chance.integers(len(self._texts.shops))]
        step = drawn(shop, self._groups, self._chance)
        rows = np.concatenate(step.rows)
        with torch.autocast("cpu", torch.bfloat16, enabled=short_numbers()):
            vectors = self._vectors(rows)
        parts = vectors.float().split([len(one) for one in step.rows])
        with torch.no_grad():
            before = self._untouched.vectors(np.array(step.others))
        loss = self._loss.of(step, parts, before)
        self._learner.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self._learnt, 1.0)
        self._learner.step()
        return float(loss.detach())

    def _vectors(self, rows: NDArray[np.int64]) -> Tensor:
        """Unit vectors of rows; short and long texts apart, so that less is padded."""
        once, back = np.unique(rows, return_inverse=True)
        order = np.argsort(self.layers.lengths[once], kind="stable")
        parts = [self.layers.vectors(once[some]) for some in np.array_split(order, 4) if len(some)]
        place = np.empty(len(once), dtype=np.int64)
        place[order] = np.arange(len(once))
        return torch.cat(parts)[torch.from_numpy(place[back])]

    def save(self, path: Path) -> None:
        """Write the changes, under the names of the encoder's weights."""
        state = {
            name_in_encoder(name, self.layers.layers): tensor.detach().to(torch.float16)
            for name, tensor in self.layers.top.named_parameters()
            if tensor.requires_grad
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        save_file({name: tensor.contiguous() for name, tensor in state.items()}, path)


def _layers_of(folder: Path) -> int:
    from transformers import BertConfig

    return int(BertConfig.from_pretrained(str(folder)).num_hidden_layers)


def name_in_encoder(name: str, below: int) -> str:
    """Name a change in one of the upper layers as `AdapterFile` reads it.

    Args:
        name: as peft has it.
        below: how many layers lie below.
    """
    layer, rest = name.split(".", 1)
    return f"encoder.layer.{int(layer) + below}.{rest.removesuffix('.default.weight')}"


def pace(step: int, steps: int) -> float:
    """The share of the learning rate in a step: it rises for a while, and then falls."""
    falling = 0.5 * (1 + math.cos(math.pi * step / steps))
    return min((step + 1) / (WARM_UP * steps), max(LEAST_RATE, falling))


def main() -> None:
    """Learn, tell how far it is, and write the adapter."""
    parser = argparse.ArgumentParser(description="Tunes an encoder on small shops.")
    parser.add_argument("model", nargs="?", default="all-MiniLM-L6-v2", choices=MODELS)
    name = parser.parse_args().model
    model = catalogue_model(name)
    pieces = fetch(model, load_settings().weights_cache, silent)
    spoken = model.languages
    others = [*every_question(), *(phrase.text for phrase in own_phrases())]
    shops = [shop for shop in small_shops("learnt") if shop.language in spoken]
    texts = ShopTexts(
        shops,
        [text for text in others if language_of(text) in spoken],
        [text for text in said_in_talks(talks_in_sight(shops)) if language_of(text) in spoken],
    )
    tokens = texts.tokens(load_encoder(Path("var/models") / name))
    with TemporaryDirectory() as untouched:
        write_floats(model, pieces, Path(untouched), None)
        tuning = ShopTuning(texts, tokens, Path(untouched))
    target = ADAPTERS / name / ADAPTER_FILE
    started, lost = time.monotonic(), 0.0
    for number in range(STEPS):
        lost = 0.95 * lost + 0.05 * tuning.step(number, STEPS)
        left = (time.monotonic() - started) / (number + 1) * (STEPS - number - 1)
        shown = lost / (1 - 0.95 ** (number + 1))
        sys.stderr.write(
            f"\rstep {number + 1} of {STEPS}, loss {shown:.3f}, {left / 60:.0f} min left   "
        )
        if (number + 1) % WRITTEN_EVERY == 0 or number + 1 == STEPS:
            tuning.save(target)
    sys.stdout.write(f"\nwritten: {target.name}, SHA-256 {sha256_of(target)}\n")


if __name__ == "__main__":
    main()

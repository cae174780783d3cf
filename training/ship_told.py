"""Learns what tells an entry that answers from one that is only about the same thing.

    python -m training.ship_told

From the small shops in `training/small_shops/learnt/`. First a quarter of them is left out, and it
says how well what is learnt from the others tells these apart; then it learns from all and writes
`knowledge_base/told.safetensors`, which is kept with the code. To be run by whoever changes an
encoder or how vectors are centred. Some minutes, most of them for encoding.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

import knowledge_base.told
from knowledge_base.encoder import load_encoder
from knowledge_base.encoder_pair import pair_of
from knowledge_base.told import FIRST, SECOND, TOLD_FILE, ToldNetwork
from training.cached_vectors import CachedEncoder
from training.metrics import area_under_roc
from training.told_examples import ToldExamples, told_examples
from training.written_shops import small_shops

DIRECTIONS, HIDDEN, DROPPED = 48, 48, 0.3
ROUNDS, BATCH, RATE, LEAST_RATE, DECAY = 7, 256, 2e-3, 4e-5, 0.3
SCALE = 3.0  # of cosines and of what the maps give, so that both are about as large as 1
SURE = 0.98  # what counts as certain, because some of what was written is open to doubt
SEEDS = (1, 2, 3)
FOLDS = 4  # of which one is measured


class LearningNetwork(nn.Module):  # type: ignore[misc]  # torch is not typed here
    """`ToldNetwork` as it is learnt."""

    def __init__(self, dimensions: int) -> None:
        super().__init__()
        self.maps = nn.ParameterList(
            nn.Parameter(torch.empty(3, dimensions, DIRECTIONS).uniform_(-1, 1) / dimensions**0.5)
            for _space in range(2)
        )
        self.inner = nn.Linear(2 * (4 * DIRECTIONS + 3) + 1, HIDDEN)
        self.outer = nn.Linear(HIDDEN, 1)

    def forward(self, first: Tensor, second: Tensor, both: Tensor) -> Tensor:
        """Logarithm of the odds, (n,); see `ToldExamples` for what is given."""
        there = both.to(first.dtype)[:, None]
        inputs = torch.cat(
            [self._seen(first, 0), self._seen(second, 1) * there, there],
            dim=1,
        )
        hidden = torch.relu(self.inner(functional.dropout(inputs, DROPPED, self.training)))
        given: Tensor = self.outer(functional.dropout(hidden, DROPPED, self.training))
        return given[:, 0]

    def _seen(self, vectors: Tensor, space: int) -> Tensor:
        question, phrasing, answer = torch.einsum("ntd,tdk->tnk", vectors, self.maps[space]) * SCALE
        cosines = (vectors[:, [0, 0, 1]] * vectors[:, [1, 2, 2]]).sum(dim=2) * SCALE
        return torch.cat(
            [
                question * phrasing,
                question * answer,
                (question - phrasing).abs(),
                (question - answer).abs(),
                cosines,
            ],
            dim=1,
        )


def joined(networks: Sequence[LearningNetwork]) -> ToldNetwork:
    """What serves, in the precision that it is kept in."""

    def kept(weights: Iterable[Tensor]) -> NDArray[np.float32]:
        stacked: NDArray[np.float32] = torch.stack(list(weights)).detach().numpy()
        return stacked.astype(np.float16).astype(np.float32)

    return ToldNetwork(
        maps=kept(one.maps[0] * SCALE for one in networks),
        second_maps=kept(one.maps[1] * SCALE for one in networks),
        cosine_scale=kept(torch.tensor([SCALE]) for _ in networks),
        inner=kept(one.inner.weight.T for one in networks),
        inner_bias=kept(one.inner.bias for one in networks),
        outer=kept(one.outer.weight[0] for one in networks),
        outer_bias=kept(one.outer.bias[0] for one in networks),
    )


def learnt(examples: ToldExamples, rows: NDArray[np.int64]) -> list[LearningNetwork]:
    """Learn from some of the examples, once with each of `SEEDS`."""
    return [_learnt(examples, rows, seed) for seed in SEEDS]


def _learnt(examples: ToldExamples, rows: NDArray[np.int64], seed: int) -> LearningNetwork:
    torch.manual_seed(seed)
    network = LearningNetwork(examples.first.shape[2])
    optimizer = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=DECAY)
    chance = np.random.default_rng(seed)
    wanted = torch.tensor(np.where(examples.told, SURE, 1 - SURE), dtype=torch.float32)
    weights = torch.tensor(examples.weights)
    batches = len(rows) // BATCH
    for number in range(ROUNDS * batches):
        if number % batches == 0:
            order = chance.permutation(rows)
        own = order[(number % batches) * BATCH :][:BATCH]
        for group in optimizer.param_groups:
            group["lr"] = max(RATE * (1 - number / (ROUNDS * batches)), LEAST_RATE)
        losses = functional.binary_cross_entropy_with_logits(
            network(*_given(examples, own)), wanted[own], reduction="none"
        )
        optimizer.zero_grad()
        (losses * weights[own]).mean().backward()
        optimizer.step()
    network.eval()
    return network


def area_on(
    networks: Sequence[LearningNetwork], examples: ToldExamples, rows: NDArray[np.int64]
) -> float:
    """Area under the curve: how often a told question gets higher odds than another."""
    with torch.no_grad():
        odds = sum(network(*_given(examples, rows)).numpy() for network in networks)
    return area_under_roc(examples.told[rows], odds)


def _given(examples: ToldExamples, rows: NDArray[np.int64]) -> tuple[Tensor, Tensor, Tensor]:
    return (
        torch.from_numpy(examples.first[rows]),
        torch.from_numpy(examples.second[rows]),
        torch.from_numpy(examples.both[rows]),
    )


def main() -> None:
    """Measure, learn, and write the file."""
    models = Path("var/models")
    encoder = pair_of(
        CachedEncoder(load_encoder(models / FIRST)), CachedEncoder(load_encoder(models / SECOND))
    )
    shops = tuple(small_shops("learnt"))

    def progress(what: str, done: int, of: int) -> None:
        sys.stderr.write(f"\r{what}: {done} of {of}   ")

    examples = told_examples(shops, encoder, SEEDS[0], progress)
    away = examples.shops % FOLDS == 0
    tried = learnt(examples, np.flatnonzero(~away))
    for language in ("zh", "en"):
        spoken = np.array([shop.language == language for shop in shops])[examples.shops]
        area = area_on(tried, examples, np.flatnonzero(away & spoken))
        sys.stdout.write(f"\narea under the curve on shops left out, {language}: {area:.3f}")
    networks = learnt(examples, np.arange(len(examples.told)))
    target = Path(knowledge_base.told.__file__).with_name(TOLD_FILE)
    joined(networks).save(target)
    sys.stdout.write(f"\nwritten: {target.name}\n")


if __name__ == "__main__":
    main()

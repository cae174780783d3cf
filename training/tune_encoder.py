"""Fine-tunes the last layers of an encoder on labelled phrases, on CPU, in minutes.

Layers below stay as they are and are computed once for all phrases. Above them, half of a small
encoder's layers learn by two losses together: the class of each phrase (cosine to one prototype for
each intent, smoothed labels), and, with few phrases, that two phrases of one intent be nearer than
two of different ones, each seen twice under different dropout (supervised contrastive loss, Khosla
and others, 2020). Few phrases are compared with all others as these were last seen, not only with
the 31 of their step, and prototypes are moved half-way to the mean of their phrases at the end.
What of it gains was measured on public sets: docs/measurements/few-phrases.md.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import load_file
from torch import Tensor, nn
from torch.nn import functional

from bot.answering.tuned_encoder import Prototypes
from training.encoder_graph import Products, graph_of
from training.upper_layers import UpperLayers

FEW_PHRASES = 3_000  # up to so many, phrases are compared with each other as well
BUCKETS = 8  # batches whose phrases are sorted by length together, so that less is padded
SMOOTHING, SMOOTHING_DOUBTED, DROPOUT, SCALE = 0.1, 0.3, 0.1, 20.0
CONTRAST_TEMPERATURE = 0.1
HEAD_FASTER = 20.0  # prototypes learn so many times faster than layers
WARM_UP = 0.1  # of all steps

CPU_FACTS = Path("/proc/cpuinfo")
SHORT_NUMBERS = ("avx512_bf16", "amx_bf16", " bf16")  # how processors name that they multiply them
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class TuningRecipe:
    """How layers are tuned.

    Attributes:
        layers: how many of the last ones learn.
        rate: learning rate of the layers at its highest.
        passes: how often each phrase is seen.
        batch: phrases a step.
        contrast: weight of the loss that compares phrases with each other; 0 leaves it out.
        averaged: how much of the mean of the steps before goes into that of the next; 0 takes what
            the last step left.
        moved: how far prototypes are moved to the mean of their phrases at the end, 0 to 1.
        weight: of what is learnt beside the linear head; see `Prototypes`.
    """

    layers: int
    rate: float
    passes: int
    batch: int
    contrast: float
    averaged: float
    moved: float
    weight: float


def recipe_for_tuning(phrases: int, layers: int) -> TuningRecipe:
    """The recipe for so many phrases and an encoder of so many layers; bounded in time."""
    learning = max(1, min(layers // 2, 4))
    if phrases <= FEW_PHRASES:
        passes = max(6, min(12, 3_000 // phrases))
        return TuningRecipe(learning, 2e-4, passes, 32, 1.0, 0.97, 0.5, 0.6)
    return TuningRecipe(learning, 2e-4, 4, 64, 0.0, 0.0, 0.0, 1.5)


def short_numbers(facts: Path = CPU_FACTS) -> bool:
    """Whether this processor multiplies 16-bit numbers by itself: learning takes half the time.

    Elsewhere they would be slower than long ones.

    Args:
        facts: what the system says of its processors; where there is no such file, they are long.
    """
    try:
        told = facts.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return any(name in told for name in SHORT_NUMBERS)


@dataclass(frozen=True)
class Tuned:
    """Fine-tuned layers as a graph to serve, and the prototypes in the order of the classes."""

    graph: bytes
    prototypes: Prototypes


def tune(
    tokens: Sequence[Sequence[int]],
    labels: NDArray[np.int64],
    classes: int,
    float_folder: Path,
    products: Products,
    recipe: TuningRecipe,
    seed: int,
    progress: Progress | None = None,
    counts: NDArray[np.float32] | None = None,
    doubted: bool = False,
) -> Tuned:
    """Tune on phrases.

    Args:
        tokens: of each phrase, as the encoder is asked them.
        labels: the class of each, 0 to `classes` - 1, (n,); a class may have none.
        float_folder: the encoder's float32 weights.
        products: how the encoder's graph multiplies, as its manifest says.
        progress: told how many steps are done, of how many.
        counts: how much each label counts, (n,); all alike when None.
        doubted: whether many labels are wrong. Then they are smoothed more: what is doubted is
            better not learnt by heart.
    """
    say = progress or (lambda done, total: None)
    torch.manual_seed(seed)
    below = UpperLayers.of(tokens, float_folder, recipe.layers, DROPOUT)
    known, seen = torch.from_numpy(labels), below.all_vectors()
    weights = torch.from_numpy(np.ones(len(labels), np.float32) if counts is None else counts)
    head = _Head(seen, known, classes)
    learner = torch.optim.AdamW(
        [
            {"params": below.top.parameters(), "lr": recipe.rate},
            {"params": head.learnt, "lr": recipe.rate * HEAD_FASTER},
        ],
        weight_decay=0.01,
    )
    steps = recipe.passes * math.ceil(len(labels) / recipe.batch)
    pace = torch.optim.lr_scheduler.LambdaLR(learner, lambda step: _pace(step, steps))
    short = short_numbers()
    smoothing = SMOOTHING_DOUBTED if doubted else SMOOTHING
    mean = _Mean([*below.top.parameters(), *head.learnt], recipe.averaged)
    below.top.train()
    for step, rows in enumerate(_batches(below.lengths, recipe, seed)):
        say(step, steps)
        with torch.autocast("cpu", torch.bfloat16, enabled=short):
            made = [below.vectors(rows) for _ in range(2 if recipe.contrast else 1)]
        views = [one.float() for one in made]
        near = [head.near(view) for view in views]
        loss = class_loss(near, known[rows], weights[rows], smoothing)
        if recipe.contrast:
            compared = _compared(torch.cat(views), np.tile(rows, 2), seen, known)
            loss = loss + recipe.contrast * compared
        learner.zero_grad()
        loss.backward()
        seen[rows] = functional.normalize(torch.stack(views).detach().sum(0), dim=1)
        nn.utils.clip_grad_norm_(below.top.parameters(), 1.0)
        learner.step()
        pace.step()
        mean.follow(step)
    say(steps, steps)
    mean.take()
    prototypes = head.prototypes(below, known, weights, recipe)
    return Tuned(_graph(below, float_folder, products), prototypes)


class _Head:
    """A direction for each class, which the layers learn to point to; it learns with them.

    Attributes:
        centre: the mean of all phrases before anything was learnt, (hidden,).
        directions: of the classes, (classes, hidden).
        bias: of the classes, (classes,).
    """

    def __init__(self, vectors: Tensor, labels: Tensor, classes: int) -> None:
        self.centre = vectors.mean(0)
        self.directions = nn.Parameter(_means(vectors - self.centre, labels, classes))
        self.bias = nn.Parameter(torch.zeros(classes))

    @property
    def learnt(self) -> list[nn.Parameter]:
        """What learns."""
        return [self.directions, self.bias]

    def near(self, vectors: Tensor) -> Tensor:
        """Scores of the classes, (n, classes)."""
        rest = functional.normalize(vectors - self.centre, dim=1)
        return SCALE * rest @ functional.normalize(self.directions, dim=1).T + self.bias

    def prototypes(
        self, below: UpperLayers, labels: Tensor, counts: Tensor, recipe: TuningRecipe
    ) -> Prototypes:
        """What serves: the directions, moved to the mean of their phrases; 0 for a class of none.

        Args:
            below: the phrases, and the layers as they have learnt.
            labels, counts: the class of each phrase and how much it counts, (n,).
        """
        classes = len(self.bias)
        learnt = functional.normalize(self.directions.detach(), dim=1)
        if recipe.moved:
            rest = functional.normalize(below.all_vectors() - self.centre, dim=1)
            means = _means(rest * counts[:, None], labels, classes)
            learnt = functional.normalize(torch.lerp(learnt, means, recipe.moved), dim=1)
        learnt = learnt * (torch.bincount(labels, minlength=classes) > 0)[:, None]
        bias = self.bias.detach().numpy()
        return Prototypes(self.centre.numpy(), learnt.numpy(), bias, SCALE, recipe.weight)


class _Mean:
    """The mean of what is learnt over the last steps, which tells a little better than the last.

    Attributes:
        kept: how much of the mean of the steps before is kept in each; with 0 there is no mean.
    """

    def __init__(self, learnt: Sequence[nn.Parameter], kept: float) -> None:
        self.kept = kept
        self._learnt = learnt if kept else []
        self._mean = [one.detach().clone() for one in self._learnt]

    def follow(self, step: int) -> None:
        """Take in what a step left; the first steps, which learn most, are forgotten sooner."""
        kept = min(self.kept, (step + 1) / (step + 10))
        for mean, now in zip(self._mean, self._learnt, strict=True):
            mean.mul_(kept).add_(now.detach(), alpha=1.0 - kept)

    def take(self) -> None:
        """Put the mean in the place of what was learnt last."""
        with torch.no_grad():
            for mean, now in zip(self._mean, self._learnt, strict=True):
                now.copy_(mean)


def _means(vectors: Tensor, labels: Tensor, classes: int) -> Tensor:
    """The mean direction of each class, (classes, hidden); 0 where it has no vector."""
    sums = torch.zeros(classes, vectors.shape[1])
    sums.index_add_(0, labels, vectors)
    return functional.normalize(sums, dim=1)


def _pace(step: int, steps: int) -> float:
    return min(1.0, (step + 1) / (WARM_UP * steps)) * max(0.0, 1.0 - step / steps)


def _batches(
    lengths: NDArray[np.int64], recipe: TuningRecipe, seed: int
) -> Iterator[NDArray[np.int64]]:
    chance = np.random.default_rng(seed)
    for _ in range(recipe.passes):
        order = chance.permutation(len(lengths))
        batches: list[NDArray[np.int64]] = []
        for start in range(0, len(order), recipe.batch * BUCKETS):
            some = order[start : start + recipe.batch * BUCKETS]
            some = some[np.argsort(lengths[some], kind="stable")]
            batches += [some[at : at + recipe.batch] for at in range(0, len(some), recipe.batch)]
        yield from (batches[at] for at in chance.permutation(len(batches)))


def class_loss(near: Sequence[Tensor], labels: Tensor, counts: Tensor, smoothing: float) -> Tensor:
    """The mean loss of classes over phrases, each of which counts as it says.

    Args:
        near: scores of each view of the phrases, (n, classes).
        labels, counts: of each phrase, (n,).
        smoothing: what share of a label is spread over all classes.
    """
    losses = torch.stack(
        [
            functional.cross_entropy(one, labels, label_smoothing=smoothing, reduction="none")
            for one in near
        ]
    )
    return (losses.mean(0) * counts).sum() / counts.sum()


def _compared(vectors: Tensor, rows: NDArray[np.int64], seen: Tensor, labels: Tensor) -> Tensor:
    """What is lost where phrases are no nearer to those of their intent, in the step and in all.

    Args:
        vectors: of the phrases of a step, each twice, (n, hidden).
        rows: which phrases they are, (n,).
        seen: all phrases as they were last seen, (phrases, hidden).
        labels: of all phrases, (phrases,).
    """
    own, which = labels[rows], torch.from_numpy(rows)
    at_once = contrast(vectors, own, vectors, own, torch.eye(len(rows), dtype=torch.bool))
    itself = which[:, None] == torch.arange(len(seen))
    return at_once + contrast(vectors, own, seen, labels, itself)


def contrast(
    vectors: Tensor, labels: Tensor, others: Tensor, their_labels: Tensor, itself: Tensor
) -> Tensor:
    """How much nearer others of another intent are to vectors than those of the same one.

    Args:
        vectors, others: of length 1, (n, hidden) and (m, hidden).
        labels, their_labels: of these, (n,) and (m,).
        itself: pairs that are not compared, (n, m).
    """
    near = (vectors @ others.T / CONTRAST_TEMPERATURE).masked_fill(itself, -1e9)
    same = ((labels[:, None] == their_labels[None]) & ~itself).float()
    shares = functional.log_softmax(near, dim=1)
    return -((same * shares).sum(1) / same.sum(1).clamp(min=1.0)).mean()


def _graph(below: UpperLayers, float_folder: Path, products: Products) -> bytes:
    """The whole encoder with its new layers, as the serving runtime reads it."""
    weights = load_file(float_folder / "model.safetensors")
    for at, layer in enumerate(below.top, start=below.layers):
        for name, tensor in layer.state_dict().items():
            weights[f"encoder.layer.{at}.{name}"] = tensor.numpy()
    written: bytes = graph_of(weights, float_folder, products).SerializeToString()
    return written

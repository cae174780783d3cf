"""Fits the `TextMachine` of `bot.answering`: scikit-learn for its linear part, torch for the rest.

One set of settings for every use, chosen by cross-validation: docs/measurements/moods.md.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.decomposition import TruncatedSVD
from sklearn.exceptions import ConvergenceWarning
from sklearn.preprocessing import normalize
from sklearn.svm import LinearSVC

from bot.answering.mood_marks import MARKS, marks_of
from bot.answering.ngram_space import NgramSpace, Weighed
from bot.answering.text_machine import TextMachine, centred_units
from knowledge_base.encoder import Vectors
from training.piece_counts import PieceCounts

Floats = NDArray[np.float32]
Rows = NDArray[np.int64]
Placed = tuple[NgramSpace, NDArray[np.int64]]


@dataclass(frozen=True, slots=True)
class MachineSettings:
    """What can be chosen.

    Attributes:
        seed: of solvers, networks and shuffles.
        cost: of the support-vector machines.
        marks_weight: of a standardised mark beside a unit vector.
        least_texts: a piece must stand in so many texts.
        most_pieces: at most so many pieces, the most frequent.
        few: dimensions that the pieces are brought to.
        hidden, networks: size of a network, and how many are averaged.
        passes, batch, learning_rate, decay: of their training.
        input_dropout, hidden_dropout, blend: against learning by heart; `blend` is the beta of
            mixing pairs of examples (mixup, Zhang et al., 2018).
        evenness: how far the shares of the classes are evened out, 0 not at all, 1 fully.
    """

    seed: int = 1
    cost: float = 0.2
    marks_weight: float = 0.1
    least_texts: int = 2
    most_pieces: int = 300_000
    few: int = 100
    hidden: int = 512
    networks: int = 3
    passes: int = 25
    batch: int = 128
    learning_rate: float = 1e-3
    decay: float = 1e-2
    input_dropout: float = 0.2
    hidden_dropout: float = 0.5
    blend: float = 0.3
    evenness: float = 0.2


@dataclass(frozen=True)
class Seen:
    """Texts with everything that a machine looks at.

    Attributes:
        counts: pieces of each text.
        vectors: (n, d).
        marks: (n, len(MARKS)).
    """

    counts: PieceCounts
    vectors: Vectors
    marks: Floats

    @classmethod
    def of(cls, texts: Sequence[str], vectors: Vectors) -> Seen:
        """Look at texts whose vectors are known."""
        marks = np.stack([marks_of(text) for text in texts]) if texts else np.zeros((0, len(MARKS)))
        return cls(PieceCounts.of(texts), vectors, marks.astype(np.float32))


def fit_machine(
    seen: Seen,
    labels: Sequence[str],
    rows: Rows,
    settings: MachineSettings = MachineSettings(),
    placed: Placed | None = None,
) -> TextMachine:
    """Fit a machine on some rows; its sharpness is 1.

    Args:
        labels: of every text seen, also of those that are not in `rows`.
        placed: a space to use instead of one learnt from `rows`, so that several machines share it.

    Raises:
        ValueError: fewer than two classes among the rows.
    """
    wanted = np.array(labels, dtype=object)[rows]
    classes = tuple(sorted(set(wanted)))
    if len(classes) < 2:
        raise ValueError("There is only one class; a machine needs two to tell apart.")
    truth = np.searchsorted(np.array(classes), wanted.astype(str)).astype(np.int64)
    space, columns = placed or space_of(seen, rows, settings)
    pieces = seen.counts.weighed(rows, columns, space)
    vectors, marks = seen.vectors[rows], seen.marks[rows]
    centre, spread = _scale(vectors)
    marks_centre, marks_spread = _scale(marks)
    scaled = (marks - marks_centre) / marks_spread
    dense = np.hstack([centred_units(vectors, centre), settings.marks_weight * scaled])
    ratios = np.stack([_ratio(pieces, truth == at) for at in range(len(classes))], axis=1)
    margins = _fit_linear(dense, pieces, ratios, truth, settings)
    basis = _basis(pieces, settings)
    few = np.asarray(pieces @ basis)
    inputs = np.hstack([(vectors - centre) / spread, scaled, few]).astype(np.float32)
    inner, inner_bias, outer, outer_bias = _fit_networks(inputs, truth, len(classes), settings)
    shares = np.bincount(truth, minlength=len(classes)) / len(truth)
    piece_weights, dense_weights, bias = margins
    return TextMachine(
        classes, space, centre, spread, marks_centre, marks_spread, settings.marks_weight,
        ratios.astype(np.float16), piece_weights.astype(np.float16), dense_weights, bias,
        basis.astype(np.float16), inner, inner_bias, outer, outer_bias,
        offsets=(-settings.evenness * np.log(shares)).astype(np.float32),
        sharpness=1.0,
    )  # fmt: skip


def space_of(seen: Seen, rows: Rows, settings: MachineSettings) -> Placed:
    """The space of some rows, and where its pieces stand among those counted."""
    return seen.counts.space(rows, settings.least_texts, settings.most_pieces)


def weighed_rows(machine: TextMachine, seen: Seen, rows: Rows) -> list[Weighed]:
    """Place rows in the space of a machine."""
    return seen.counts.rows_in(rows, machine.space)


def sharpness_for(scores: Floats, truth: NDArray[np.int64]) -> float:
    """The sharpness under which the truth is likeliest, for scores of texts not trained on."""
    tried = np.geomspace(0.3, 3.0, 60)
    losses = []
    for sharpness in tried:
        logits = sharpness * scores
        logits = logits - logits.max(axis=1, keepdims=True)
        logs = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
        losses.append(-logs[np.arange(len(truth)), truth].mean())
    return float(tried[int(np.argmin(losses))])


def _scale(numbers: Floats) -> tuple[Floats, Floats]:
    centre, spread = numbers.mean(axis=0), numbers.std(axis=0)
    return centre.astype(np.float32), np.where(spread > 1e-6, spread, 1.0).astype(np.float32)


def _ratio(pieces: sparse.csr_matrix, inside: NDArray[np.bool_]) -> Floats:
    """How far the share of a piece in a class is from that elsewhere: root of |log ratio|.

    The root stands between NB-SVM and plain rarity; it was the better compromise on both sets.
    """
    there = pieces.copy()
    there.data = np.ones_like(there.data)
    ours = 1.0 + np.asarray(there[inside].sum(axis=0)).ravel()
    others = 1.0 + np.asarray(there[~inside].sum(axis=0)).ravel()
    ratio = np.abs(np.log((ours / ours.sum()) / (others / others.sum())))
    return np.asarray(np.sqrt(ratio), dtype=np.float32)


def _fit_linear(
    dense: Floats,
    pieces: sparse.csr_matrix,
    ratios: Floats,
    truth: NDArray[np.int64],
    settings: MachineSettings,
) -> tuple[Floats, Floats, Floats]:
    """One machine a class against the rest: weights of pieces (c, k), of dense inputs, and bias."""
    weights, biases = [], []
    for at in range(ratios.shape[1]):
        told = normalize(pieces @ sparse.diags(ratios[:, at]))
        inputs = sparse.hstack([sparse.csr_matrix(dense), told], format="csr")
        machine = LinearSVC(C=settings.cost, tol=1e-2, max_iter=400, random_state=settings.seed)
        with warnings.catch_warnings():
            # Stopping early costs nothing that can be measured; noisy labels never converge.
            warnings.simplefilter("ignore", ConvergenceWarning)
            machine.fit(inputs, truth == at)
        weights.append(machine.coef_[0])
        biases.append(machine.intercept_[0])
    both = np.stack(weights, axis=1).astype(np.float32)
    split = dense.shape[1]
    return both[split:], both[:split], np.array(biases, dtype=np.float32)


def _basis(pieces: sparse.csr_matrix, settings: MachineSettings) -> Floats:
    """Pieces to their main directions, each then of spread one half."""
    few = min(settings.few, min(pieces.shape) - 1)
    found = TruncatedSVD(few, n_iter=3, random_state=settings.seed).fit(pieces)
    spread = np.asarray(pieces @ found.components_.T).std(axis=0)
    scale = np.where(spread > 1e-6, 0.5 / np.maximum(spread, 1e-6), 0.0)
    return np.asarray(found.components_.T * scale, dtype=np.float32)


def _fit_networks(
    inputs: Floats, truth: NDArray[np.int64], classes: int, settings: MachineSettings
) -> tuple[Floats, Floats, Floats, Floats]:
    """Weights of the networks, stacked: inner, inner bias, outer, outer bias."""
    trained = [
        _fit_network(inputs, truth, classes, settings, settings.seed + at)
        for at in range(settings.networks)
    ]
    stacked = [np.stack(part) for part in zip(*trained, strict=True)]
    return stacked[0], stacked[1], stacked[2], stacked[3]


def _fit_network(
    inputs: Floats,
    truth: NDArray[np.int64],
    classes: int,
    settings: MachineSettings,
    seed: int,
) -> tuple[Floats, ...]:
    import torch
    from torch import nn

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        chance = np.random.default_rng(seed)
        inner, outer = (
            nn.Linear(inputs.shape[1], settings.hidden),
            nn.Linear(settings.hidden, classes),
        )
        model = nn.Sequential(
            nn.Dropout(settings.input_dropout), inner, nn.ReLU(),
            nn.Dropout(settings.hidden_dropout), outer,
        )  # fmt: skip
        optimizer = torch.optim.AdamW(
            model.parameters(), settings.learning_rate, weight_decay=settings.decay
        )
        steps = settings.passes * -(-len(truth) // settings.batch)
        schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.0, total_iters=steps)
        all_inputs, all_truth = torch.from_numpy(inputs), torch.from_numpy(truth)
        for _ in range(settings.passes):
            for batch in torch.randperm(len(truth)).split(settings.batch):
                loss = _blended_loss(
                    model, all_inputs[batch], all_truth[batch],
                    float(chance.beta(settings.blend, settings.blend)),
                )  # fmt: skip
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                schedule.step()
    return tuple(
        part.detach().numpy().copy()
        for part in (inner.weight.T, inner.bias, outer.weight.T, outer.bias)
    )


def _blended_loss(model: Any, inputs: Any, truth: Any, share: float) -> Any:
    """Loss of examples of which each is blended with another of the batch."""
    import torch
    from torch.nn.functional import cross_entropy

    other = torch.randperm(len(truth))
    logits = model(share * inputs + (1 - share) * inputs[other])
    first, second = cross_entropy(logits, truth), cross_entropy(logits, truth[other])
    return share * first + (1 - share) * second

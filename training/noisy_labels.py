"""Tells how far each label of a set of phrases can be trusted, and which are probably wrong.

A small network judges every phrase by networks that never saw it (five folds). Where it is surest,
labels that are right agree with it almost always, however hard the set: so the share that does not
is an estimate of how many labels are wrong altogether. In a clean set nothing is changed. In a
noisy one each phrase counts as far as its label is likely beside the likeliest one, which is softer
than throwing phrases out and was better on labels that were spoiled on purpose
(docs/measurements/unlike-files.md).

Mixing pairs of examples (mixup, Zhang et al., 2018) keeps the networks from learning wrong labels
by heart; trusting out-of-fold probabilities is the idea of confident learning (Northcutt, Jiang and
Chuang, 2021). Knows nothing of intents: any labels will do.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import TruncatedSVD

from knowledge_base.encoder import Vectors
from training.labelled_text import LabelledText
from training.metrics import clopper_pearson
from training.piece_counts import PieceCounts
from training.progress import Progress, silent

Floats = NDArray[np.float32]
Rows = NDArray[np.int64]

FOLDS = 5
SUREST = 0.3  # share of the phrases by which the noise is told
# Of these so many must disagree with their label, at the low end of the exact interval. At 5 %
# spoiled labels trust changes nothing, and a shop's own near intents alone come to 4 %.
NOISY_FROM = 0.10
DOUBTED_BELOW = 0.03  # trust under which a label is probably wrong …
DOUBTED_SURE = 0.5  # … where the other label is at least so probable
LEAST_TRUST = 0.02  # so that no phrase is lost altogether
LEAST_ROWS = 8  # of a label, to doubt any of them; fewer say too little
LEAST_PHRASES = 200  # in all, to tell noise from chance


@dataclass(frozen=True, slots=True)
class NetworkSettings:
    """The network that judges; chosen on the public set with spoiled labels.

    Attributes:
        passes, least_steps: so many times through the phrases, and more where they are few.
        blend: the beta by which pairs of examples are mixed.
        few: dimensions that the character pieces are brought to.
    """

    hidden: int = 256
    passes: int = 20
    least_steps: int = 800
    batch: int = 128
    learning_rate: float = 2e-3
    decay: float = 1e-2
    input_dropout: float = 0.2
    hidden_dropout: float = 0.5
    blend: float = 4.0
    few: int = 200


@dataclass(frozen=True, slots=True)
class DoubtedLabel:
    """A row whose label is probably wrong.

    Attributes:
        row: of the texts judged, counted from 0.
        probably: what it looks like, that probable.
    """

    row: int
    label: str
    probably: str
    probability: float


@dataclass(frozen=True)
class JudgedLabels:
    """What was found.

    Attributes:
        trust: how much each row should count in training, in (0, 1]; all 1 in a clean set.
        noise: estimated share of wrong labels.
        noisy: whether there are enough of them to do something about it.
        doubted: rows that are probably wrong, surest first; in a clean set too.
    """

    trust: Floats
    noise: float
    noisy: bool
    doubted: tuple[DoubtedLabel, ...]

    def rows_of(self, labelled: LabelledText) -> list[dict[str, Any]]:
        """The doubted rows with their file and row, as `shopkeeper train` lists them.

        Args:
            labelled: whose phrases were judged, in the same order.
        """
        phrases = labelled.phrases
        return [
            {
                "file": phrases[one.row].source,
                "row": phrases[one.row].row,
                "text": phrases[one.row].written or phrases[one.row].text,
                "label": one.label,
                "probably": one.probably,
                "confidence": round(one.probability, 4),
            }
            for one in self.doubted
        ]


def judge_labels(
    texts: Sequence[str],
    labels: Sequence[str],
    vectors: Vectors,
    *,
    seed: int = 1,
    settings: NetworkSettings = NetworkSettings(),
    progress: Progress = silent,
) -> JudgedLabels:
    """Judge the labels of phrases; deterministic for a seed.

    Args:
        vectors: of the texts, (n, d); those of two encoders side by side are as good.
        progress: told "labels", and how many folds are done.
    """
    names = tuple(sorted(set(labels)))
    if len(texts) < LEAST_PHRASES or len(names) < 2:
        return JudgedLabels(np.ones(len(texts), np.float32), 0.0, False, ())
    truth = np.searchsorted(np.array(names), np.array(labels)).astype(np.int64)
    inputs = _inputs(texts, vectors, settings.few, seed)
    chances = _out_of_fold(inputs, truth, len(names), settings, seed, progress)
    return judged(chances, truth, names)


def judged(chances: Floats, truth: Rows, names: Sequence[str]) -> JudgedLabels:
    """What out-of-fold probabilities say of the labels.

    Args:
        chances: (n, len(names)), rows add up to 1.
        truth: the given label of each row, as a place in `names`.
    """
    rows = np.arange(len(truth))
    sizes = Counter(truth.tolist())
    tellable = np.array([sizes[label] >= LEAST_ROWS for label in truth.tolist()], bool)
    best, sure = chances.argmax(axis=1), chances.max(axis=1)
    share = np.where(tellable, chances[rows, truth] / np.maximum(sure, 1e-9), 1.0)
    asked = rows[tellable]
    surest = asked[np.argsort(-sure[asked], kind="stable")][: int(SUREST * len(asked))]
    against = int((best[surest] != truth[surest]).sum())
    low, _ = clopper_pearson(against, len(surest))
    noisy = low > NOISY_FROM
    trust = np.minimum(share + LEAST_TRUST, 1.0) if noisy else np.ones(len(truth))
    wrong = np.flatnonzero((share < DOUBTED_BELOW) & (sure >= DOUBTED_SURE))
    doubted = [
        DoubtedLabel(int(row), names[truth[row]], names[best[row]], float(sure[row]))
        for row in wrong[np.argsort(-sure[wrong], kind="stable")]
    ]
    noise = against / len(surest) if len(surest) else 0.0
    return JudgedLabels(trust.astype(np.float32), noise, bool(noisy), tuple(doubted))


def _inputs(texts: Sequence[str], vectors: Vectors, few: int, seed: int) -> Floats:
    """Standardised vectors, and character pieces brought to few dimensions of spread one half."""
    spread = vectors.std(axis=0)
    dense = (vectors - vectors.mean(axis=0)) / np.where(spread > 1e-6, spread, 1.0)
    counts = PieceCounts.of(texts)
    rows = np.arange(len(texts))
    space, columns = counts.space(rows, 2, 300_000)
    pieces = counts.weighed(rows, columns, space)
    size = min(few, min(pieces.shape) - 1)
    if size < 1:
        return np.asarray(dense, dtype=np.float32)
    found = TruncatedSVD(size, n_iter=3, random_state=seed).fit_transform(pieces)
    found = 0.5 * found / np.maximum(found.std(axis=0), 1e-6)
    return np.hstack([dense, found]).astype(np.float32)


def _out_of_fold(
    inputs: Floats,
    truth: Rows,
    classes: int,
    settings: NetworkSettings,
    seed: int,
    progress: Progress,
) -> Floats:
    fold_of = np.random.default_rng(seed).permutation(len(truth)) % FOLDS
    chances = np.zeros((len(truth), classes), dtype=np.float32)
    for fold in range(FOLDS):
        progress("labels", fold, FOLDS)
        asked = fold_of == fold
        chances[asked] = _taught(
            inputs[~asked], truth[~asked], classes, settings, seed + fold, inputs[asked]
        )
    progress("labels", FOLDS, FOLDS)
    return chances


def _taught(
    inputs: Floats,
    truth: Rows,
    classes: int,
    settings: NetworkSettings,
    seed: int,
    asked: Floats,
) -> Floats:
    """Train one network and ask it, (len(asked), classes)."""
    import torch
    from torch import nn
    from torch.nn.functional import cross_entropy

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        chance = np.random.default_rng(seed)
        model = nn.Sequential(
            nn.Dropout(settings.input_dropout), nn.Linear(inputs.shape[1], settings.hidden),
            nn.ReLU(), nn.Dropout(settings.hidden_dropout), nn.Linear(settings.hidden, classes),
        )  # fmt: skip
        optimizer = torch.optim.AdamW(
            model.parameters(), settings.learning_rate, weight_decay=settings.decay
        )
        batches = -(-len(truth) // settings.batch)
        passes = max(settings.passes, -(-settings.least_steps // batches))
        schedule = torch.optim.lr_scheduler.LinearLR(
            optimizer, 1.0, 0.0, total_iters=passes * batches
        )
        shown, wanted = torch.from_numpy(inputs), torch.from_numpy(truth)
        for _ in range(passes):
            for batch in torch.randperm(len(truth)).split(settings.batch):
                part = float(chance.beta(settings.blend, settings.blend))
                other = batch[torch.randperm(len(batch))]
                scores = model(part * shown[batch] + (1 - part) * shown[other])
                loss = part * cross_entropy(scores, wanted[batch])
                loss = loss + (1 - part) * cross_entropy(scores, wanted[other])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                schedule.step()
        model.eval()
        with torch.no_grad():
            return np.asarray(torch.softmax(model(torch.from_numpy(asked)), dim=1).numpy())

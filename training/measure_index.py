"""Measures the vector index at a size: build, memory, search, adding, removing, saving.

    python -m training.measure_index --entries 1000000
    python -m training.measure_index --entries 100000 --texts MY_QUESTIONS.txt

The vectors are made from real ones, because vectors drawn evenly from a sphere are neither like
questions nor as hard: the texts (one a line; the phrasings of the shop when none are given) are
encoded by the encoder of the settings, and every further vector is a real one moved by what lies
between two other real ones that are near each other, as two phrasings of one question are, with a
little noise. So clusters are as many, as wide and as shaped as the texts make them. Queries are
made in the same way from texts that are not in the index. Recall is against an exact search.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.assemble.encoders import load_encoder
from bot.settings import Settings, load_settings
from knowledge_base.centring import Centres
from knowledge_base.encoder import Vectors
from knowledge_base.faiss_index import FLAT_UP_TO, FaissIndex
from knowledge_base.script import language_of
from knowledge_base.vector_index import Ids
from training.cached_vectors import CachedEncoder
from training.shop_files import entry_files, read_shop_entries

ADDED_AT_ONCE = 10_000
FOUND = 10  # recall@10
HELD_BACK = 0.1  # of the texts, to make queries from
NEIGHBOURS = 8  # among which the other end of a difference is drawn
NOISE = 0.15  # length of the isotropic part beside a vector of length 1
REMOVED_SHARE = 0.01
CHANGES_TIMED = 1_000
EXACT_AT_ONCE = 50

Say = Callable[[str], None]


def made_vectors(seeds: Vectors, count: int, chance: np.random.Generator) -> Vectors:
    """Vectors (count, dimensions) of length 1: the seeds, then moved copies of them."""
    near = nearest_others(seeds, chance)
    made = np.empty((count, seeds.shape[1]), dtype=np.float32)
    made[: len(seeds)] = seeds[:count]
    for start in range(len(seeds), count, ADDED_AT_ONCE):
        part = made[start : start + ADDED_AT_ONCE]
        part[:] = moved(seeds, near, len(part), chance)
    return made


def nearest_others(seeds: Vectors, chance: np.random.Generator) -> Ids:
    """For each seed the positions of near others (n, neighbours), told from a part of them."""
    others = chance.permutation(len(seeds))[:20_000]
    index = FaissIndex(seeds.shape[1], flat_up_to=len(others))
    index.add(others.tolist(), seeds[others])
    found = [
        index.search(seeds[start : start + ADDED_AT_ONCE], NEIGHBOURS + 1)[1]
        for start in range(0, len(seeds), ADDED_AT_ONCE)
    ]
    return np.concatenate(found)[:, 1:]


def moved(seeds: Vectors, near: Ids, count: int, chance: np.random.Generator) -> Vectors:
    """Seeds moved by the difference of two others that are near each other."""
    own = seeds[chance.integers(0, len(seeds), count)]
    first = chance.integers(0, len(seeds), count)
    second = near[first, chance.integers(0, near.shape[1], count)]
    step = (seeds[first] - seeds[second]) * chance.uniform(0.2, 1.0, (count, 1))
    noise = chance.normal(size=own.shape) * (NOISE / np.sqrt(own.shape[1]))
    made: Vectors = (own + step + noise).astype(np.float32)
    made /= np.maximum(np.linalg.norm(made, axis=1, keepdims=True), 1e-6)
    return made


def built(vectors: Vectors, say: Say, clock: Callable[[], float]) -> tuple[FaissIndex, float]:
    """The index over vectors, and the seconds it took; says how far it is."""
    index = FaissIndex(vectors.shape[1])
    started = said = clock()
    for start in range(0, len(vectors), ADDED_AT_ONCE):
        end = min(start + ADDED_AT_ONCE, len(vectors))
        index.add(range(start, end), vectors[start:end])
        if clock() - said > 5 or end == len(vectors):
            said = clock()
            say(f"built {end:,} of {len(vectors):,} ({said - started:.0f} s)")
    return index, clock() - started


def exact_ids(vectors: Vectors, queries: Vectors, gone: NDArray[np.bool_] | None = None) -> Ids:
    """Positions of the nearest of all (n, FOUND), by arithmetic over everything.

    Args:
        gone: which vectors do not count.
    """
    found = []
    for start in range(0, len(queries), EXACT_AT_ONCE):
        cosines = queries[start : start + EXACT_AT_ONCE] @ vectors.T
        if gone is not None:
            cosines[:, gone] = -np.inf
        found.append(np.argpartition(-cosines, FOUND, axis=1)[:, :FOUND])
    return np.concatenate(found)


def searched(
    index: FaissIndex, queries: Vectors, clock: Callable[[], float]
) -> tuple[Ids, NDArray[np.float64]]:
    """Positions (n, FOUND), one query at a time, and the milliseconds of each."""
    index.search(queries[:1], FOUND)
    found, took = [], []
    for query in queries:
        started = clock()
        found.append(index.search(query[None, :], FOUND)[1][0])
        took.append(1000 * (clock() - started))
    return np.stack(found), np.array(took)


def recall(found: Ids, exact: Ids) -> float:
    """Share of the exact ones that were found."""
    hits = [len(np.intersect1d(a, b)) for a, b in zip(found, exact, strict=True)]
    return float(np.mean(hits) / exact.shape[1])


def measured(
    seeds: Vectors,
    count: int,
    queries: int,
    *,
    say: Say,
    seed: int = 1,
    clock: Callable[[], float] = time.perf_counter,
) -> dict[str, Any]:
    """Everything that is measured, JSON values.

    Args:
        seeds: centred vectors of real texts.
        count: how many vectors the index holds.
    """
    chance = np.random.default_rng(seed)
    order = chance.permutation(len(seeds))
    back = max(NEIGHBOURS + 2, round(HELD_BACK * len(seeds)))
    kept, strange = seeds[order[back:]], seeds[order[:back]]
    vectors = made_vectors(kept, count, chance)
    asked = moved(strange, nearest_others(strange, chance), queries, chance)
    say(f"made {count:,} vectors from {len(kept):,} texts")
    before = resident_bytes()
    index, seconds = built(vectors, say, clock)
    facts: dict[str, Any] = {
        "entries": count,
        "texts": len(seeds),
        "kind": index.kind,
        "build_seconds": round(seconds, 1),
        "index_bytes": resident_bytes() - before,
    }
    exact = exact_ids(vectors, asked)
    found, took = searched(index, asked, clock)
    facts["search"] = _milliseconds(took) | {"recall_at_10": recall(found, exact)}
    # On a machine that others use as well, the time of this thread alone says more.
    facts["search_of_this_thread"] = _milliseconds(searched(index, asked, time.thread_time)[1])
    nearest = np.einsum("nkd,nd->nk", vectors[exact], asked).max(axis=1)
    facts["nearest_cosine"] = round(float(nearest.mean()), 3)
    say(f"searched {queries:,}: {facts['search']}")
    facts |= _changed(index, vectors, asked, exact, chance, clock)
    say(f"removed and added: {facts['after_changes']}")
    return facts | _reloaded(index, asked, clock)


def _changed(
    index: FaissIndex,
    vectors: Vectors,
    asked: Vectors,
    exact: Ids,
    chance: np.random.Generator,
    clock: Callable[[], float],
) -> dict[str, Any]:
    """Remove a share, the nearest of half the queries among them, and add others; search again."""
    gone = np.zeros(len(vectors), bool)
    gone[chance.permutation(len(vectors))[: round(REMOVED_SHARE * len(vectors))]] = True
    gone[exact[: len(exact) // 2, 0]] = True
    removals = np.flatnonzero(gone)
    singles, rest = removals[:20], removals[20:]
    took = []
    for one in singles.tolist():
        started = clock()
        index.remove([one])
        took.append(1000 * (clock() - started))
    index.remove(rest.tolist())
    fresh = moved(vectors[:10_000], nearest_others(vectors[:10_000], chance), CHANGES_TIMED, chance)
    adding = []
    for at, vector in enumerate(fresh):
        started = clock()
        index.add([len(vectors) + at], vector[None, :])
        adding.append(1000 * (clock() - started))
    everything = np.concatenate([vectors, fresh])
    gone = np.concatenate([gone, np.zeros(len(fresh), bool)])
    found, searching = searched(index, asked, clock)
    return {
        "remove_one": _milliseconds(np.array(took)),
        "add_one": _milliseconds(np.array(adding)),
        "after_changes": _milliseconds(searching)
        | {
            "removed": int(gone.sum()),
            "recall_at_10": recall(found, exact_ids(everything, asked, gone)),
            "removed_that_came_back": int(gone[found[found >= 0]].sum()),
        },
    }


def _reloaded(index: FaissIndex, asked: Vectors, clock: Callable[[], float]) -> dict[str, Any]:
    before = index.search(asked, FOUND)[1]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "index.faiss"
        started = clock()
        sha256 = index.save(path)
        saved = clock()
        loaded = FaissIndex.load(path, sha256, index.dimensions)
        return {
            "save_seconds": round(saved - started, 1),
            "load_seconds": round(clock() - saved, 1),
            "file_bytes": path.stat().st_size,
            "same_after_loading": bool((loaded.search(asked, FOUND)[1] == before).all()),
        }


def _milliseconds(took: NDArray[np.float64]) -> dict[str, float]:
    middle, late, most = (round(float(x), 3) for x in np.quantile(took, [0.5, 0.95, 1.0]))
    return {"p50_ms": middle, "p95_ms": late, "most_ms": most}


def resident_bytes() -> int:
    """Memory of this process that is in use now; the most it ever was where that is not told."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return pages * resource.getpagesize()


def seeds_of(texts: Sequence[str], settings: Settings, say: Say) -> Vectors:
    """Centred vectors of texts, as the index of a shop would hold them."""
    encoder = CachedEncoder(
        load_encoder(settings),
        settings.state_folder / "cache" / "vectors",
        lambda done, total: say(f"encoded {done:,} of {total:,}") if not done % 12_800 else None,
    )
    vectors = encoder.encode_questions(texts)
    spoken = [language_of(text) for text in texts]
    return Centres.of(vectors, spoken).without(vectors, spoken)


def main() -> None:
    """Measure, tell how far it is on stderr, and write the figures as JSON on stdout."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--entries", type=int, default=FLAT_UP_TO * 2)
    parser.add_argument("--queries", type=int, default=1_000)
    parser.add_argument("--texts", type=Path, help="one text a line; default: the shop's phrasings")
    given = parser.parse_args()
    settings = load_settings(None)

    def say(what: str) -> None:
        sys.stderr.write(f"{what}\n")
        sys.stderr.flush()

    if given.texts:
        lines = given.texts.read_text(encoding="utf-8").splitlines()
        texts = list(dict.fromkeys(line.strip() for line in lines if line.strip()))
    else:
        entries, _ = read_shop_entries(entry_files(settings.shop_folder))
        texts = list(dict.fromkeys(text for entry in entries for text in entry.questions))
    seeds = seeds_of(texts, settings, say)
    facts = measured(seeds, given.entries, given.queries, say=say)
    sys.stdout.write(json.dumps(facts, indent=1) + "\n")


if __name__ == "__main__":
    main()

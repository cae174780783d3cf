"""Makes the examples that teach the writer to answer from the entries it is given, or to pass.

    python -m training.writing_examples demo_shop build/writing_examples.npz

An example is a prompt as serving makes it (three entries found by the real search, one question)
and what should be written: the sentences of the right entry that the question needs, verbatim, or
`NO_ANSWER` where the right entry is not among the three. In half of them every figure and name is
swapped for another, in the prompt and the reply alike, so that only copying helps. Entries are
split by id: those held out are seen in no example for training, not even beside the right one.
Nothing is read but the shop's own entries, phrases and dialogues; `held_out/` never.
"""

from __future__ import annotations

import csv
import hashlib
import json
import random
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from bot.answering.writing_prompt import ENTRIES, NO_ANSWER, shop_prompt
from knowledge_base.encoder import load_encoder
from knowledge_base.entry import Entry, EntryId, Language
from knowledge_base.model_catalogue import model_folder
from knowledge_base.search import Searcher
from knowledge_base.words import words_of
from training.cached_vectors import CachedEncoder
from training.shop_files import entry_files, read_shop_entries

BASE = "gemma-3-270m"

HELD_OUT_SHARE = 0.2
NEGATIVE_SHARE = 0.22  # of the entries' examples; those of other phrases come on top
FOUND = 12  # hits to choose the other entries from
ALIKE = 0.5  # an entry whose words are so far those of the right one may hold the answer too
CLEAR = 0.15  # so much better must the best sentence be to stand alone
LONGEST = {"zh": 90, "en": 260}  # characters of a reply; what 60 to 80 tokens hold
SHORTEST_REPLY = {"zh": 12, "en": 30}  # of a dialogue, to be worth learning
SHORTEST_QUESTION = 5

INVENTED = {
    "zh": "云岭 星野 青禾 拾光 暖冬 麦田 白露 听雨 南枝 松间 朝雾 半夏 竹影 晴川 远山 花信".split(),
    "en": "Larkfield Bramble Orchard Summit Willow Ember Meadow Cobalt Juniper Harvest Falcon "
    "Pebble Aurora Thistle Cedar Marlow".split(),
}

_SENTENCE = re.compile(r"(?<=[。！？])(?![”」』）])|(?<=[.!?])\s+(?=[A-Z“\"])")
_LEANS = re.compile(
    r"(?:It|They|This|That|These|Those|Otherwise|Then|But|If not|He|She)\b|[这那它]|否则|不过|但|而"
)
_FIGURE = re.compile(r"(?<![\d.])\d{1,2}:\d{2}(?!\d)|\d+(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Example:
    """One thing to learn.

    Attributes:
        id: of the entry asked about, empty where no entry is.
        prompt: what is continued.
        reply: what should be written.
        held_out: for measuring only.
    """

    id: str
    prompt: str
    reply: str
    held_out: bool


def is_held_out(entry_id: str) -> bool:
    """Whether an id is kept for measuring; told by its hash, so that it never changes."""
    digest = hashlib.sha256(f"writer:{entry_id}".encode()).digest()
    return digest[0] < 256 * HELD_OUT_SHARE


def sentences_of(answer: str) -> list[str]:
    """Split an answer into its sentences."""
    return [part.strip() for part in _SENTENCE.split(" ".join(answer.split())) if part.strip()]


def needed_part(question: str, answer: str, rarity: Mapping[str, float], language: Language) -> str:
    """The sentences of an answer that a question needs; all of it when that is unclear.

    Args:
        rarity: weight of a word; one not in it weighs most.
    """
    sentences = sentences_of(answer)
    asked = set(words_of(question))
    most = max(rarity.values(), default=1.0)

    def share(sentence: str) -> float:
        weights = {word: rarity.get(word, most) for word in asked}
        shared = sum(weights[word] for word in asked & set(words_of(sentence)))
        return shared / (sum(weights.values()) or 1.0)

    shares = [share(sentence) for sentence in sentences]
    ranked = sorted(range(len(sentences)), key=lambda at: -shares[at])
    if len(ranked) > 1 and shares[ranked[0]] - shares[ranked[1]] >= CLEAR:
        return _with_support(sentences, {ranked[0]}, language)
    if len(answer) <= LONGEST[language]:
        return " ".join(sentences) if language == "en" else "".join(sentences)
    return _with_support(sentences, set(ranked[:1] if shares[ranked[0]] else [0]), language)


def _with_support(sentences: Sequence[str], chosen: set[int], language: Language) -> str:
    """The chosen sentences with those that they lean on, in their order."""
    for at in sorted(chosen, reverse=True):
        while at > 0 and _LEANS.match(sentences[at]):
            at -= 1
            chosen = chosen | {at}
    return (" " if language == "en" else "").join(sentences[at] for at in sorted(chosen))


def swapped(texts: Sequence[str], names: Mapping[str, str], chance: random.Random) -> list[str]:
    """Swap every figure and name in texts for another one, the same in all of them."""
    figures: dict[str, str] = {}
    taken: set[str] = set()

    def figure(match: re.Match[str]) -> str:
        old = match.group()
        while old not in figures:
            new = _other_figure(old, chance)
            if new not in taken:
                figures[old] = new
                taken.add(new)
        return figures[old]

    result = []
    for text in texts:
        text = _FIGURE.sub(figure, text)
        for old, new in names.items():
            text = text.replace(old, new)
        result.append(text)
    return result


def _other_figure(old: str, chance: random.Random) -> str:
    """Another figure of about the same form: a time stays a time, a price a price."""
    if ":" in old:
        return f"{chance.randint(6, 23)}:{chance.randrange(0, 60, 5):02d}"
    whole, point, rest = old.partition(".")
    top = 10 ** max(len(whole), 2)
    value = chance.randint(1, top - 1) if len(whole) < 3 else chance.randint(top // 10, top - 1)
    return f"{value}{point}{''.join(str(chance.randrange(10)) for _ in rest)}"


class ExampleMaker:
    """Examples over one knowledge base; every choice comes from the seed.

    Attributes:
        searcher: finds the entries that stand beside the right one, as in serving.
        names: per language, the names of this shop that are swapped for invented ones.
    """

    def __init__(
        self, searcher: Searcher, names: Mapping[Language, Sequence[str]], seed: int
    ) -> None:
        self.searcher = searcher
        self.names = names
        self._chance = random.Random(seed)
        self._rarity = _rarity([entry.answer for entry in searcher.entries])

    def of_entries(self, entries: Sequence[Entry], *, twice: bool = True) -> Iterator[Example]:
        """Examples of every phrasing but the first, which names the entry in the prompt.

        Args:
            twice: also once with everything swapped.
        """
        for entry in entries:
            held_out = is_held_out(entry.id)
            asked = entry.questions[1:]
            found = self._found(asked, entry.language, held_out)
            for question, hits in zip(asked, found, strict=True):
                part = needed_part(question, entry.answer, self._rarity, entry.language)
                for swap in (False, True) if twice and not held_out else (False,):
                    yield self._example(entry, question, part, hits, held_out, swap)

    def of_dialogues(self, dialogues: Iterable[Mapping[str, Any]]) -> Iterator[Example]:
        """Examples whose right entry is what a person said: facts that no entry has."""
        for dialogue in dialogues:
            language: Language = dialogue["language"]
            held_out = is_held_out(dialogue["id"])
            pairs = [
                (one["text"], two["text"])
                for one, two in zip(dialogue["messages"], dialogue["messages"][1:], strict=False)
                if one["who"] == "shopper" and two["who"] == "staff"
                and len(one["text"]) >= SHORTEST_QUESTION
                and len(two["text"]) >= SHORTEST_REPLY[language]
            ]  # fmt: skip
            for (question, said), hits in zip(
                pairs, self._found([one for one, _ in pairs], language, held_out), strict=True
            ):
                entry = Entry(EntryId(dialogue["id"]), ("",), said, language)
                yield self._example(entry, question, said, hits, held_out, swap=not held_out)

    def of_other_phrases(self, phrases: Sequence[str], language: Language) -> Iterator[Example]:
        """Examples of what no entry answers."""
        for phrase, hits in zip(phrases, self._found(phrases, language, False), strict=True):
            held_out = is_held_out(phrase)
            yield Example(
                "", shop_prompt(phrase, hits[:ENTRIES], language).text, NO_ANSWER, held_out
            )

    def _found(
        self, questions: Sequence[str], language: Language, held_out: bool
    ) -> list[list[Entry]]:
        """For each question the entries found; what is held out is shown to no training."""
        if not questions:
            return []
        results = self.searcher.search_batch(questions, k=FOUND, language=language, exact=False)
        return [
            [
                hit.entry
                for hit in result.hits
                if hit.entry.language == language and (held_out or not is_held_out(hit.entry.id))
            ]
            for result in results
        ]

    def _example(
        self, right: Entry, question: str, reply: str, hits: list[Entry], held_out: bool, swap: bool
    ) -> Example:
        others = [
            hit
            for hit in hits
            if hit.id != right.id and _alike(hit.answer, right.answer) < ALIKE
        ]  # fmt: skip
        evidence = others[:ENTRIES]
        if self._chance.random() < NEGATIVE_SHARE and len(evidence) == ENTRIES:
            reply = NO_ANSWER
        else:
            evidence = evidence[: ENTRIES - 1]
            evidence.insert(self._chance.randint(0, len(evidence)), right)
        if swap:
            question, reply, evidence = self._swapped(question, reply, evidence, right.language)
        return Example(
            right.id, shop_prompt(question, evidence, right.language).text, reply, held_out
        )

    def _swapped(
        self, question: str, reply: str, evidence: Sequence[Entry], language: Language
    ) -> tuple[str, str, list[Entry]]:
        new = self._chance.sample(INVENTED[language], len(self.names[language]))
        names = dict(zip(self.names[language], new, strict=True))
        parts = [question, reply]
        for entry in evidence:
            parts += [entry.questions[0], entry.answer]
        question, reply, *rest = swapped(parts, names, self._chance)
        pairs = zip(rest[::2], rest[1::2], strict=True)
        return question, reply, [
            replace(entry, questions=(title,), answer=answer)
            for entry, (title, answer) in zip(evidence, pairs, strict=True)
        ]  # fmt: skip


def _rarity(texts: Sequence[str]) -> dict[str, float]:
    counts: dict[str, int] = {}
    for text in texts:
        for word in set(words_of(text)):
            counts[word] = counts.get(word, 0) + 1
    return {word: float(np.log(1 + len(texts) / count)) for word, count in counts.items()}


def _alike(one: str, two: str) -> float:
    first, second = set(words_of(one)), set(words_of(two))
    return len(first & second) / (min(len(first), len(second)) or 1)


def names_of(products: Sequence[Mapping[str, Any]], most: int = 14) -> dict[Language, list[str]]:
    """The invented names that a shop's products begin with, most used first."""
    chinese: dict[str, int] = {}
    english: dict[str, int] = {}
    for product in products:
        one, two = product["name"]["zh"][:2], product["name"]["en"].split()[0]
        chinese[one] = chinese.get(one, 0) + 1
        english[two] = english.get(two, 0) + 1
    return {
        "zh": sorted(chinese, key=lambda name: -chinese[name])[:most],
        "en": sorted(english, key=lambda name: -english[name])[:most],
    }


def shop_examples(shop: Path, searcher: Searcher, seed: int) -> list[Example]:
    """Every example of a shop's folder, in an order of chance."""
    products = json.loads((shop / "products.json").read_text(encoding="utf-8"))
    maker = ExampleMaker(searcher, names_of(products), seed)
    examples = list(maker.of_entries(searcher.entries))
    for language in ("zh", "en"):
        lines = (shop / f"dialogues.{language}.jsonl").read_text(encoding="utf-8").splitlines()
        examples += maker.of_dialogues(json.loads(line) for line in lines)
        with (shop / f"intents.{language}.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        phrases = [row["text"] for row in rows if row["intent"] == "out_of_scope"]
        examples += maker.of_other_phrases(phrases, language)
    random.Random(seed).shuffle(examples)
    return examples


def digest_of(examples: Sequence[Example]) -> str:
    """SHA-256 of every example in its order."""
    digest = hashlib.sha256()
    for one in examples:
        digest.update(json.dumps([one.id, one.prompt, one.reply, one.held_out]).encode())
    return digest.hexdigest()


def write_examples(examples: Sequence[Example], tokenizer: Any, path: Path) -> None:
    """Write examples as tokens, so that where they are trained on no tokenizer is needed.

    Arrays: `tokens` (all), `lengths` and `prompts` (tokens of an example and of its prompt),
    `held_out`, and `digest` of the texts.
    """
    prompts = [tokenizer(one.prompt)["input_ids"] for one in examples]
    replies = [
        [*tokenizer(one.reply, add_special_tokens=False)["input_ids"], tokenizer.eos_token_id]
        for one in examples
    ]
    np.savez_compressed(
        path,
        tokens=np.array([token for two in zip(prompts, replies, strict=True)
                         for part in two for token in part], np.int32),
        lengths=np.array([len(one) + len(two) for one, two in zip(prompts, replies, strict=True)]),
        prompts=np.array([len(one) for one in prompts]),
        held_out=np.array([one.held_out for one in examples]),
        digest=np.array(digest_of(examples)),
    )  # fmt: skip


def main(
    shop: Annotated[Path, typer.Argument(help="Shop folder; its held_out/ is not read.")],
    target: Annotated[Path, typer.Argument(help="Token file to write (.npz).")],
    base: Annotated[str, typer.Option(help="Catalogue name of the model to train.")] = BASE,
    encoder: Annotated[str, typer.Option(help="Catalogue name.")] = "multilingual-e5-small",
    state_folder: Annotated[Path, typer.Option(help="Folder that holds models/.")] = Path("var"),
    seed: Annotated[int, typer.Option(help="Every choice comes from it.")] = 20,
) -> None:
    """Write the examples of a shop as tokens, and beside them as text for people to read."""
    from transformers import AutoTokenizer

    entries, _ = read_shop_entries(entry_files(shop))
    vectors = CachedEncoder(
        load_encoder(model_folder(state_folder, encoder)), state_folder / "vectors"
    )
    examples = shop_examples(shop, Searcher.of(entries, vectors), seed)
    tokenizer = AutoTokenizer.from_pretrained(
        model_folder(state_folder, base) / "serving", local_files_only=True
    )
    target.parent.mkdir(parents=True, exist_ok=True)
    write_examples(examples, tokenizer, target)
    lines = [json.dumps(asdict(one), ensure_ascii=False) for one in examples]
    target.with_suffix(".jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    typer.echo(f"{len(examples)} examples, {sum(one.held_out for one in examples)} held out")


if __name__ == "__main__":
    typer.run(main)

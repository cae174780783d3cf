import json
import shutil
import threading
from dataclasses import replace

import numpy as np
import pytest

from knowledge_base.entry import VersionId
from knowledge_base.errors import VersionRefused
from knowledge_base.hashed_encoder import HashedEncoder
from knowledge_base.live import NOTHING_PUBLISHED, KnowledgeBase


@pytest.fixture
def knowledge(tmp_path, encoder):
    return KnowledgeBase(tmp_path / "knowledge", encoder)


@pytest.fixture
def publish(knowledge, now):
    def publish(entries, **options):
        return knowledge.publish(entries, note="from a test", by="ada", now=now, **options)

    return publish


def version_folder(knowledge, version):
    return knowledge.folder.folder / "versions" / version


def found(knowledge, text):
    return [hit.entry.id for hit in knowledge.current.search(text).hits][:1]


def test_before_anything_is_published_nothing_is_found(knowledge):
    assert knowledge.load().version == NOTHING_PUBLISHED
    assert knowledge.current.search("怎么退货").hits == ()
    assert knowledge.versions() == []


def test_a_published_version_serves_at_once_and_says_what_it_is(knowledge, publish, shop, now):
    info = publish(shop)
    assert found(knowledge, "怎么退货") == ["return"]
    assert knowledge.current.version == info.id
    assert (info.number, info.by, info.note, info.created_at) == (1, "ada", "from a test", now)
    assert (info.entries, info.questions, info.previous) == (4, 5, None)
    assert info.sources == {"shop.csv": 4} and info.languages == {"zh": 2, "en": 2}


def test_another_program_finds_the_same_after_loading(knowledge, publish, shop, tmp_path):
    publish(shop)
    other = KnowledgeBase(tmp_path / "knowledge", HashedEncoder())
    other.load()
    assert other.current.entries == shop
    assert other.encoder.asked == 0, "the vectors come from the folder"
    for text in ["想申请退货", "opening hours", "开发票吧"]:
        mine, theirs = knowledge.current.search(text), other.current.search(text)
        assert mine.hits == theirs.hits


def test_a_version_published_by_another_process_is_noticed(knowledge, publish, shop, now, tmp_path):
    publish(shop)
    other = KnowledgeBase(tmp_path / "knowledge", HashedEncoder())
    other.load()
    assert not knowledge.refresh()
    other.publish(shop[:1], note="", by="bob", now=now)
    assert knowledge.refresh()
    assert knowledge.current.version == other.current.version
    assert not knowledge.refresh()


def test_whoever_sees_a_version_is_answered_from_it_in_the_second_process_too(
    knowledge, publish, shop
):
    told = []
    knowledge.also = lambda version: told.append((version, knowledge.current.version))
    first = publish(shop).id
    second = publish(shop[:1]).id
    knowledge.rollback()
    assert told == [(first, NOTHING_PUBLISHED), (second, first), (first, second)]


def test_only_new_questions_are_encoded_when_publishing_again(
    knowledge, publish, shop, encoder, entry
):
    publish(shop)
    asked = encoder.asked
    steps = []
    new = entry("gift", "en", "We wrap gifts.", "Do you wrap gifts?")
    publish((*shop, new), progress=lambda done, total: steps.append((done, total)))
    assert steps == [(1, 2), (2, 2)]
    assert encoder.asked - asked <= 2 + 6, "a new question, its answer, and the probe"


def test_going_back_serves_the_earlier_answers_again(knowledge, publish, shop):
    first, second = publish(shop), publish(shop[2:])
    assert second.previous == first.id
    assert knowledge.rollback().id == first.id
    assert found(knowledge, "怎么退货") == ["return"]
    assert knowledge.rollback(second.id).id == second.id
    assert found(knowledge, "怎么退货") != ["return"]
    assert [info.id for info in knowledge.versions()] == [second.id, first.id]


def test_there_is_nothing_before_the_first_version(knowledge, publish, shop):
    with pytest.raises(VersionRefused, match="no earlier version"):
        knowledge.rollback()
    publish(shop)
    with pytest.raises(VersionRefused, match="no earlier version"):
        knowledge.rollback()


@pytest.mark.parametrize("version", ["000009-abcdef01", "../../etc", "", "current", "0\x00"])
def test_an_unknown_version_is_refused_with_the_command_that_lists_them(
    knowledge, publish, shop, version
):
    publish(shop)
    with pytest.raises(VersionRefused, match="knowledge versions"):
        knowledge.rollback(VersionId(version))
    assert found(knowledge, "怎么退货") == ["return"]


def test_two_people_never_undo_each_others_work(knowledge, publish, shop):
    first = publish(shop)
    publish(shop[:3], based_on=first.id)
    with pytest.raises(VersionRefused, match="published meanwhile"):
        publish(shop[:2], based_on=first.id)
    assert len(knowledge.current.entries) == 3


def test_entries_that_contradict_each_other_are_not_published(knowledge, publish, shop):
    with pytest.raises(ValueError, match="2 entries have the id"):
        publish((*shop, replace(shop[0], answer="不可以。")))
    with pytest.raises(ValueError, match="empty question"):
        publish((replace(shop[0], questions=()),))
    assert knowledge.current.version == NOTHING_PUBLISHED


class WrongEncoder(HashedEncoder):
    """Gives another vector for every text at each call."""

    def encode_questions(self, texts):
        vectors = np.random.default_rng(self.asked).normal(size=(len(texts), 256))
        self.asked += len(texts)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors.astype(np.float32)


def test_a_version_that_does_not_find_its_own_questions_never_serves(tmp_path, shop, now):
    knowledge = KnowledgeBase(tmp_path / "knowledge", WrongEncoder())
    with pytest.raises(VersionRefused, match="does not find its own question"):
        knowledge.publish(shop, note="", by="ada", now=now)
    assert knowledge.current.version == NOTHING_PUBLISHED
    assert knowledge.versions() == []


def test_spoiled_entries_are_refused_with_the_repairing_command(knowledge, publish, shop, tmp_path):
    first, second = publish(shop), publish(shop[:2])
    path = version_folder(knowledge, second.id) / "entries.jsonl"
    path.write_text(path.read_text(encoding="utf-8").replace("七天", "九天"), encoding="utf-8")
    fresh = KnowledgeBase(tmp_path / "knowledge", HashedEncoder())
    with pytest.raises(VersionRefused, match="shopkeeper knowledge rollback"):
        fresh.load()
    assert fresh.rollback().id == first.id
    assert found(fresh, "怎么退货") == ["return"]


def test_a_spoiled_manifest_or_pointer_is_refused(knowledge, publish, shop, tmp_path):
    version = publish(shop).id
    manifest = version_folder(knowledge, version) / "manifest.json"
    for text in ["", "{}", "[1]", json.dumps({"format": 99})]:
        manifest.write_text(text, encoding="utf-8")
        with pytest.raises(VersionRefused, match="rollback"):
            KnowledgeBase(tmp_path / "knowledge", HashedEncoder()).load()
    (tmp_path / "knowledge" / "current").write_bytes(b"\xff\xfe")
    with pytest.raises(VersionRefused, match="rollback"):
        KnowledgeBase(tmp_path / "knowledge", HashedEncoder()).load()


INDEX_FILES = [
    "index.json",
    "nearest.faiss",
    "questions.npy",
    "words/data.csc.index.npy",
    "words/vocab.index.json",
]


@pytest.mark.parametrize("name", INDEX_FILES)
@pytest.mark.parametrize("harm", ["flip", "cut", "remove", "pickle"])
def test_a_spoiled_index_is_built_again_from_the_entries(
    knowledge, publish, shop, tmp_path, name, harm
):
    version = publish(shop).id
    (index,) = version_folder(knowledge, version).glob("index-*")
    path = index / name
    written = path.read_bytes()
    if harm == "flip":
        path.write_bytes(written[:-3] + bytes([written[-3] ^ 1]) + written[-2:])
    elif harm == "cut":
        path.write_bytes(written[: len(written) // 2])
    elif harm == "remove":
        path.unlink()
    else:
        path.write_bytes(b"\x80\x04cos\nsystem\n(S'false'\ntR.")
    for rebuilt in [True, False]:
        other = KnowledgeBase(tmp_path / "knowledge", HashedEncoder())
        other.load()
        assert (other.encoder.asked > 0) is rebuilt
        assert other.current.search("申请退货").hits == knowledge.current.search("申请退货").hits


def test_another_encoder_builds_its_own_indexes_and_keeps_those_of_the_first(
    knowledge, publish, shop, tmp_path
):
    version = publish(shop).id
    steps = []
    other = KnowledgeBase(tmp_path / "knowledge", HashedEncoder(64))
    other.load(progress=lambda done, total: steps.append((done, total)))
    assert steps[-1] == (9, 9), "five questions and four answers"
    assert found(other, "怎么退货啊") == ["return"]
    assert len(list(version_folder(knowledge, version).glob("index-*"))) == 2


def test_indexes_of_other_entries_are_not_used(knowledge, publish, shop, tmp_path):
    first, second = publish(shop), publish(shop[:2])
    (mine,), (theirs,) = (
        version_folder(knowledge, version).glob("index-*") for version in (second.id, first.id)
    )
    shutil.rmtree(mine)
    shutil.copytree(theirs, mine)
    other = KnowledgeBase(tmp_path / "knowledge", HashedEncoder())
    other.load()
    assert other.encoder.asked == 3 + 2
    assert len(other.current.phrasings) == 3


def test_what_a_killed_program_left_behind_is_removed(knowledge, publish, shop):
    publish(shop)
    versions = knowledge.folder.folder / "versions"
    (versions / ".new-0123").mkdir()
    (versions / ".new-0123" / "entries.jsonl").write_text("half", encoding="utf-8")
    publish(shop[:1])
    assert not list(versions.glob(".new-*"))
    assert len(knowledge.versions()) == 2


def test_a_search_under_way_finishes_on_its_version_while_others_are_published(
    knowledge, publish, shop, entry
):
    publish(shop)
    stop, seen = threading.Event(), []

    def ask():
        while not stop.is_set():
            result = knowledge.current.search("我要申请退货")
            seen.append((result.version, result.hits[0].entry.answer))

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    answers = {knowledge.current.version: "七天内可以退货。"}
    for days in range(8, 11):
        changed = entry("return", "zh", f"{days}天内可以退货。", *shop[0].questions)
        answers[publish((changed, *shop[1:])).id] = changed.answer
    stop.set()
    for thread in threads:
        thread.join()
    assert seen and all(answers[version] == answer for version, answer in seen)


def test_every_entry_can_be_taken_away(knowledge, publish, shop):
    publish(shop)
    publish(())
    assert knowledge.current.search("怎么退货").hits == ()


TOPICS = {
    "cost": ("how much is delivery", "delivery price please", "what do you charge for delivery"),
    "time": ("how long does delivery take", "when will it arrive", "days until it arrives"),
    "refund": ("how do i get my money back", "refund please", "money back for a return"),
    "cancel": ("cancel my order", "i do not want the order any more", "stop the order"),
    "wrap": ("do you wrap gifts", "gift wrapping", "wrap it as a present"),
    "card": ("can i pay by card", "do you take cards", "paying with a credit card"),
    "coupon": ("my coupon does not work", "where do i enter a coupon", "coupon refused"),
    "size": ("how big is the kettle", "kettle size in litres", "what does the kettle hold"),
    "colour": ("does it come in blue", "which colours are there", "other colours"),
    "account": ("i forgot my password", "cannot log in", "new password for my account"),
}


@pytest.fixture
def many(entry):
    return tuple(
        entry(name, "en", f"This is about {name}.", *questions)
        for name, questions in TOPICS.items()
    )


def test_what_was_learnt_from_the_entries_is_part_of_the_version(
    knowledge, publish, many, tmp_path
):
    steps = []
    info = publish(many, progress=lambda done, total: steps.append((done, total)))
    learnt = knowledge.current.indexes.head
    assert learnt is not None and steps[-1][0] > 1
    other = KnowledgeBase(tmp_path / "knowledge", HashedEncoder())
    np.testing.assert_array_equal(other.load().indexes.head.weights, learnt.weights)
    hit = other.current.search("what is the price of a delivery").hits[0]
    assert hit.entry.id == "cost" and 0.2 < hit.chance <= 1
    files = {path.name for path in version_folder(knowledge, info.id).glob("index-*/head_*")}
    assert files == {"head_weights.npy", "head_bias.npy"}


def test_a_spoiled_head_is_learnt_again(knowledge, publish, many, tmp_path):
    info = publish(many)
    path = next(version_folder(knowledge, info.id).glob("index-*/head_bias.npy"))
    path.write_bytes(path.read_bytes()[:-8] + b"\x00" * 8)
    other = KnowledgeBase(tmp_path / "knowledge", HashedEncoder())
    np.testing.assert_array_equal(
        other.load().indexes.head.bias, knowledge.current.indexes.head.bias
    )

"""Machines with folders of their own share their versions; the place here is a plain folder."""

import hashlib
import shutil
import threading
from contextlib import contextmanager

import pytest

from knowledge_base.errors import VersionRefused
from knowledge_base.hashed_encoder import HashedEncoder
from knowledge_base.live import NOTHING_PUBLISHED, KnowledgeBase


class Shelf:
    """A place that machines share, in this process; can be out of reach, and be tampered with."""

    def __init__(self, folder):
        self.folder = folder
        self.known = {}
        self.serves = None
        self.away = False
        self.read = []
        self.lock = threading.Lock()

    def _reach(self):
        if self.away:
            raise ConnectionError("nobody answers")

    def serving(self):
        self._reach()
        return self.serves

    def newest_number(self):
        self._reach()
        return max((number for number, _, _ in self.known.values()), default=0)

    def about(self):
        self._reach()
        return {id: about for id, (_, about, _) in reversed(self.known.items())}

    def files(self, version):
        self._reach()
        return self.known[version][2] if version in self.known else None

    def chunks(self, version, path):
        self._reach()
        self.read.append(path)
        content = (self.folder / version / path).read_bytes()
        for start in range(0, len(content), 1000):
            yield content[start : start + 1000]

    def put(self, version, number, about, files, folder, instead_of):
        self._reach()
        if self.serves != instead_of:
            return False
        shutil.copytree(folder, self.folder / version)
        self.known[version] = (number, about, files)
        self.serves = version
        return True

    def point_to(self, version):
        self._reach()
        if version in self.known:
            self.serves = version
        return version in self.known

    @contextmanager
    def turn(self, waits):
        with self.lock:
            yield


@pytest.fixture
def shelf(tmp_path):
    return Shelf(tmp_path / "shelf")


@pytest.fixture
def machine(tmp_path, shelf):
    def machine(name):
        return KnowledgeBase(tmp_path / name, HashedEncoder(), shelf)

    return machine


@pytest.fixture
def published(machine, shop, now):
    here = machine("here")
    here.load()
    here.publish(shop, note="first", by="ada", now=now)
    return here


def found(base, text):
    return [hit.entry.id for hit in base.current.search(text).hits][:1]


def test_what_one_machine_publishes_the_other_answers_from(published, machine, shelf):
    there = machine("there")
    assert there.current.version == NOTHING_PUBLISHED
    assert there.refresh()
    assert there.current.version == published.current.version
    assert found(there, "怎么退货") == ["return"]
    assert there.encoder.asked <= 5, "vectors came along; only the probe questions were encoded"
    assert not there.refresh()


def test_a_machine_that_was_away_catches_up_when_it_starts(published, machine, shop, now):
    there = machine("there")
    there.load()
    published.publish(shop[:2], note="less", by="ada", now=now)
    published.publish(shop[:1], note="even less", by="ada", now=now)
    back = machine("there")
    assert back.load().entries == shop[:1]
    assert [info.number for info in back.versions()] == [3, 2, 1]


def test_a_version_that_is_here_already_is_not_fetched_again(published, machine, shelf):
    machine("there").load()
    shelf.read.clear()
    assert machine("there").load().version == published.current.version
    assert shelf.read == []


@pytest.mark.parametrize("name", ["entries.jsonl", "manifest.json"])
def test_a_damaged_file_is_refused_and_the_old_version_goes_on(
    published, machine, shelf, shop, now, name
):
    there = machine("there")
    before = there.load()
    published.publish(shop[:2], note="less", by="ada", now=now)
    file = shelf.folder / shelf.serves / name
    file.write_bytes(file.read_bytes()[:-3] + b"xxx")
    with pytest.raises(VersionRefused, match="damaged"):
        there.refresh()
    assert there.current is before
    assert there.folder.current() == before.version
    names = [path.name for path in (there.folder.folder / "versions").iterdir()]
    assert names == [before.version], "nothing of it was kept"
    again = machine("there")
    assert again.load().version == before.version, "a start goes on with the last good one"


def test_a_file_that_is_longer_than_promised_is_refused(published, machine, shelf):
    file = shelf.folder / shelf.serves / "entries.jsonl"
    file.write_bytes(file.read_bytes() + b"more")
    with pytest.raises(VersionRefused, match=r"entries\.jsonl"):
        machine("there").load()


@pytest.mark.parametrize("path", ["../escaped", "/etc/escaped", ".hidden/x", "a/../../b", "a\n"])
def test_a_name_that_leads_out_of_the_folder_is_refused(published, machine, shelf, path, tmp_path):
    number, about, files = shelf.known[shelf.serves]
    empty = (0, hashlib.sha256().hexdigest())
    shelf.known[shelf.serves] = (number, about, {**files, path: empty})
    with pytest.raises(VersionRefused, match="names files"):
        machine("there").load()


def test_a_spoiled_copy_is_fetched_anew(published, machine):
    there = machine("there")
    version = there.load().version
    (there.folder.folder_of(version) / "entries.jsonl").write_text("{}\n")
    again = machine("there")
    again.load()
    assert found(again, "怎么退货") == ["return"]


def test_two_machines_that_publish_upon_the_same_version_undo_nobodys_work(
    published, machine, shop, now
):
    there = machine("there")
    based_on = there.load().version
    published.publish(shop[:2], note="here", by="ada", now=now)
    with pytest.raises(VersionRefused, match="published meanwhile"):
        there.publish(shop[:1], note="there", by="bob", now=now, based_on=based_on)
    assert there.current.entries == shop[:2]
    assert len(there.versions()) == 2


def test_the_place_has_the_last_word_on_who_was_first(published, machine, shelf, shop, now):
    """As when another machine publishes between our look and our own publishing."""
    there = machine("there")
    there.load()
    put = shelf.put

    def too_late(*asked):
        shelf.put = put
        published.publish(shop[:2], note="quicker", by="ada", now=now)
        return put(*asked)

    shelf.put = too_late
    with pytest.raises(VersionRefused, match="published meanwhile"):
        there.publish(shop[:1], note="slower", by="bob", now=now)
    there.refresh()
    assert there.current.entries == shop[:2]
    assert [info.note for info in there.versions()] == ["quicker", "first"]


def test_going_back_holds_on_every_machine(published, machine, shop, now):
    there = machine("there")
    there.load()
    published.publish(shop[:2], note="less", by="ada", now=now)
    there.refresh()
    fresh = machine("fresh")
    fresh.load()
    assert fresh.rollback().note == "first"
    assert published.refresh() and there.refresh()
    assert published.current.entries == there.current.entries == shop


def test_a_version_after_going_back_gets_a_number_that_nobody_had(published, machine, shop, now):
    published.publish(shop[:2], note="less", by="ada", now=now)
    published.rollback()
    fresh = machine("fresh")
    fresh.load()
    info = fresh.publish(shop[:2], note="again", by="bob", now=now)
    assert (info.number, info.previous) == (3, published.current.version)


def test_the_version_of_a_single_machine_becomes_the_first_that_is_shared(
    machine, shelf, shop, now, tmp_path
):
    alone = KnowledgeBase(tmp_path / "here", HashedEncoder())
    alone.publish(shop, note="alone", by="ada", now=now)
    here = machine("here")
    here.load()
    assert shelf.serves == alone.current.version
    there = machine("there")
    assert there.load().entries == shop


def test_while_the_place_is_out_of_reach_the_last_version_serves_and_nothing_is_published(
    published, machine, shelf, shop, now
):
    machine("there").load()
    shelf.away = True
    there = machine("there")
    assert there.load().entries == shop
    with pytest.raises(VersionRefused, match="nobody answers"):
        there.publish(shop[:1], note="", by="bob", now=now)
    with pytest.raises(VersionRefused, match="nobody answers"):
        there.refresh()
    assert there.current.entries == shop
    with pytest.raises(VersionRefused, match="nobody answers"):
        machine("nothing yet").load()


def test_a_database_that_was_made_anew_takes_no_knowledge_away(published, shelf, shop):
    shelf.known.clear()
    shelf.serves = None
    assert not published.refresh()
    assert published.current.entries == shop

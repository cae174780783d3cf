"""A tiny shop that the tests of this folder share."""

from datetime import UTC, datetime

import pytest

from knowledge_base.entry import Entry, EntryId
from knowledge_base.hashed_encoder import HashedEncoder

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def make_entry(entry_id, language, answer, *questions, category="", source="shop.csv"):
    return Entry(EntryId(entry_id), questions, answer, language, category, source)


@pytest.fixture
def entry():
    """Builds an entry: id, language, answer, questions …"""
    return make_entry


@pytest.fixture
def shop():
    return (
        make_entry("return", "zh", "七天内可以退货。", "怎么退货", "我想退货怎么申请"),
        make_entry("return", "en", "You may return goods within 7 days.", "How do I return it?"),
        make_entry("invoice", "zh", "在订单页开发票。", "怎么开发票"),
        make_entry("hours", "en", "We answer from 9 to 18.", "What are your opening hours?"),
    )


@pytest.fixture
def encoder():
    return HashedEncoder()


@pytest.fixture
def now():
    return NOW

"""Row 18: how many messages a second are accepted for good, each synced before it is called so."""

from contextlib import closing

import pytest

from bot.transcripts.open import open_transcripts
from tests.reliability.accepted_rate import measure_accepted_rate


@pytest.mark.long
def test_row_18_a_thousand_messages_a_second_are_accepted_with_full_durability(
    tmp_path, record_property
) -> None:
    with closing(open_transcripts(f"sqlite:///{tmp_path}/shop.sqlite3")) as transcripts:
        measured = measure_accepted_rate(transcripts.store)
        assert transcripts.store.check() == ()
    record_property("shoppers at once", measured.shoppers)
    record_property("accepted", measured.accepted)
    record_property("accepted a second", round(measured.per_second))
    record_property("p99 milliseconds", round(1000 * measured.p99_seconds, 1))
    assert measured.per_second >= 1_000

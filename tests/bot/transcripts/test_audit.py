import pytest
from sqlalchemy import create_engine, text


@pytest.fixture
def audited(shop, url):
    for number in range(1, 6):
        about = {"version": number, "note": "发布 \x00"}
        shop.transcripts.audit.append("li", "publish", f"kb-{number}", about).result(20)
        shop.clock.move(1)
    return shop


def _with_sql(url: str, statement: str) -> None:
    address = url.replace("postgresql:", "postgresql+psycopg:")
    engine = create_engine(address)
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


def test_rows_are_read_newest_first_in_pages(audited) -> None:
    log = audited.transcripts.audit
    assert [row.number for row in log.rows(limit=2)] == [5, 4]
    assert [row.about for row in log.rows(before=4, limit=2)] == ["kb-3", "kb-2"]
    assert log.rows(limit=1)[0].details == {"version": 5, "note": "发布 \x00"}
    assert log.first_broken() is None


@pytest.mark.parametrize(
    "forgery",
    [
        "UPDATE audit SET who = 'wang' WHERE number = 3",
        "UPDATE audit SET details = '{}' WHERE number = 3",
        "UPDATE audit SET at = at + 1 WHERE number = 3",
        "DELETE FROM audit WHERE number = 3",
        "UPDATE audit SET digest = previous WHERE number = 3",
    ],
)
def test_altering_or_removing_a_row_shows(audited, url, forgery: str) -> None:
    _with_sql(url, forgery)
    assert audited.transcripts.audit.first_broken() == 3


def test_swapping_two_rows_shows(audited, url) -> None:
    for statement in (
        "UPDATE audit SET number = 99 WHERE number = 3",
        "UPDATE audit SET number = 3 WHERE number = 4",
        "UPDATE audit SET number = 4 WHERE number = 99",
    ):
        _with_sql(url, statement)
    assert audited.transcripts.audit.first_broken() == 3

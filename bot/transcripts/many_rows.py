"""Writes many rows of one table with few statements, for the writer's hottest tables.

SQLite's driver gives the interpreter's lock away for each row that it is handed and must then wait
for whoever took it: with answers being computed beside it that was most of the time of a commit.
So there several rows become one statement. PostgreSQL's driver sends them together by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Dialect, Table, Update, bindparam, insert, update
from sqlalchemy.exc import NoResultFound

from bot.transcripts.rows import Values

MOST_AT_ONCE = 32
"""Rows of one statement, at most; numbers of rows are powers of two, so that few are prepared."""

_Process = Callable[[Any], Any] | None
_SQLITE = "sqlite"


def insert_rows(connection: Connection, table: Table, rows: Sequence[Values]) -> None:
    """Insert rows, which all name the same columns."""
    if not rows:
        return
    if connection.dialect.name != _SQLITE:
        connection.execute(insert(table), list(rows))
        return
    names = tuple(rows[0])
    for part in _parts(rows):
        statement = _insertion(table, names, len(part))
        connection.exec_driver_sql(statement, _written(connection, table, names, part))


def update_rows(connection: Connection, table: Table, rows: Sequence[Values]) -> None:
    """Change rows by their `id`; all name the same columns.

    Raises:
        NoResultFound: one of them is not there (SQLite, whose conversations may be remembered).
    """
    if not rows:
        return
    names = tuple(rows[0])
    if connection.dialect.name != _SQLITE:
        changes = [{**row, "its_id": row["id"]} for row in rows]
        connection.execute(_change(table, names), changes)
        return
    for part in _parts(rows):
        statement = _several_changes(table, names, len(part))
        values = _written(connection, table, names, part)
        if connection.exec_driver_sql(statement, values).rowcount != len(part):
            raise NoResultFound(f"a row of {table.name} is gone")


def _parts(rows: Sequence[Values]) -> Iterator[Sequence[Values]]:
    start = 0
    while start < len(rows):
        size = min(MOST_AT_ONCE, 1 << ((len(rows) - start).bit_length() - 1))
        yield rows[start : start + size]
        start += size


def _written(
    connection: Connection, table: Table, names: tuple[str, ...], rows: Sequence[Values]
) -> tuple[Any, ...]:
    """All values in the order of the columns, row after row, as the driver takes them."""
    columns = tuple(zip(names, _processes(table, names, connection.dialect), strict=True))
    return tuple(
        row[name] if process is None else process(row[name])
        for row in rows
        for name, process in columns
    )


@cache
def _processes(table: Table, names: tuple[str, ...], dialect: Dialect) -> tuple[_Process, ...]:
    """What turns a value of each column into what the driver takes; None: it is that already."""
    types = (table.c[name].type.dialect_impl(dialect) for name in names)
    return tuple(one.bind_processor(dialect) for one in types)


@cache
def _insertion(table: Table, names: tuple[str, ...], count: int) -> str:
    columns = ", ".join(map(_quoted, names))
    return f"INSERT INTO {table.name} ({columns}) VALUES {_places(names, count)}"


@cache
def _several_changes(table: Table, names: tuple[str, ...], count: int) -> str:
    column = {name: f"column{number}" for number, name in enumerate(names, 1)}
    changes = ", ".join(f"{_quoted(name)} = given.{column[name]}" for name in names if name != "id")
    return (
        f"UPDATE {table.name} SET {changes} FROM (VALUES {_places(names, count)}) AS given "
        f"WHERE {table.name}.id = given.{column['id']}"
    )


def _places(names: tuple[str, ...], count: int) -> str:
    return ", ".join([f"({', '.join('?' * len(names))})"] * count)


def _quoted(name: str) -> str:
    return f'"{name}"'


@cache
def _change(table: Table, columns: tuple[str, ...]) -> Update:
    statement = update(table).where(table.c.id == bindparam("its_id"))
    return statement.values({name: bindparam(name) for name in columns if name != "id"})

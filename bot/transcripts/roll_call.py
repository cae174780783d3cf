"""Who of the staff is with which node, kept where every node looks: in the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future

from sqlalchemy import Connection, Engine, delete, insert, select, update

from bot.transcripts.store import NodeStaff
from bot.transcripts.tables import roll_call
from bot.transcripts.writer import Writer


class SqlRollCall:
    """See `bot.transcripts.store.RollCall` for every promise."""

    def __init__(self, reader: Engine, writer: Writer) -> None:
        self._reader = reader
        self._writer = writer

    def answer(self, node: str, beat: int, staff: Mapping[str, bool]) -> Future[None]:
        """See `RollCall.answer`."""
        values = {"beat": beat, "staff": dict(staff)}

        def work(connection: Connection) -> None:
            same = update(roll_call).where(roll_call.c.node == node)
            if not connection.execute(same.values(**values)).rowcount:
                connection.execute(insert(roll_call).values(node=node, **values))

        return self._writer.run_beside(work)

    def answers(self) -> tuple[NodeStaff, ...]:
        """See `RollCall.answers`."""
        query = select(roll_call).order_by(roll_call.c.node)
        with self._reader.begin() as connection:
            return tuple(
                NodeStaff(row.node, row.beat, row.staff) for row in connection.execute(query)
            )

    def strike(self, nodes: Sequence[str]) -> Future[None]:
        """See `RollCall.strike`."""

        def work(connection: Connection) -> None:
            connection.execute(delete(roll_call).where(roll_call.c.node.in_(nodes)))

        return self._writer.run_beside(work)

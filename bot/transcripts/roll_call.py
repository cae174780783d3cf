"""Who of the staff is with which node, kept where every node looks: in the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, delete, insert, select, update

from bot.transcripts.tables import roll_call
from bot.transcripts.writer import Writer


@dataclass(frozen=True, slots=True)
class NodeStaff:
    """What one node answered in the roll call.

    Attributes:
        node: its name; a node that starts again has another.
        beat: rises with each answer, so that one who reads it twice knows whether it is alive.
        staff: ids of those who are connected to it, and whether they are present.
    """

    node: str
    beat: int
    staff: Mapping[str, bool]


class RollCall:
    """Who of the staff is with which node. Freshness only: it holds while no bus tells better."""

    def __init__(self, reader: Engine, writer: Writer) -> None:
        self._reader = reader
        self._writer = writer

    def answer(self, node: str, beat: int, staff: Mapping[str, bool]) -> Future[None]:
        """Put down who is with a node, in the place of what it answered before."""
        values = {"beat": beat, "staff": dict(staff)}

        def work(connection: Connection) -> None:
            same = update(roll_call).where(roll_call.c.node == node)
            if not connection.execute(same.values(**values)).rowcount:
                connection.execute(insert(roll_call).values(node=node, **values))

        return self._writer.run_beside(work)

    def answers(self) -> tuple[NodeStaff, ...]:
        """What every node answered last, dead ones too."""
        query = select(roll_call).order_by(roll_call.c.node)
        with self._reader.begin() as connection:
            return tuple(
                NodeStaff(row.node, row.beat, row.staff) for row in connection.execute(query)
            )

    def strike(self, nodes: Sequence[str]) -> Future[None]:
        """Take nodes off the roll."""

        def work(connection: Connection) -> None:
            connection.execute(delete(roll_call).where(roll_call.c.node.in_(nodes)))

        return self._writer.run_beside(work)

"""The network between two parties: a proxy that cuts, swallows, stops and goes on at command.

It speaks no protocol; a cut falls at any byte. Works between two TCP ports or two Unix sockets.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

CHUNK_BYTES = 4_096

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Link:
    """A link to one target.

    Attributes:
        reach: connects to the target.
        cut_after: gives for each new connection the bytes after which it is cut; None never.
        swallows_up, swallows_down: bytes to, or from, the target vanish, and so do ends.
        cuts: connections that were cut.
        carried: bytes that arrived on the other side.
    """

    def __init__(self, reach: Callable[[], Awaitable[Streams]]) -> None:
        self.reach = reach
        self.cut_after: Callable[[], int | None] = lambda: None
        self.swallows_up = False
        self.swallows_down = False
        self.cuts = 0
        self.carried = 0
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._pairs: set[tuple[asyncio.StreamWriter, asyncio.StreamWriter]] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.receive_buffer: int | None = None

    # -- what a test does ----------------------------------------------------------------------

    def stop(self) -> None:
        """Carry nothing more, in both directions; nothing is lost, the buffers fill."""
        self._flowing.clear()

    def go_on(self) -> None:
        """Carry again."""
        self._flowing.set()

    def swallow(self, up: bool = True, down: bool = True) -> None:
        """Let bytes and ends vanish from now on; a connection that lost some stays dead."""
        self.swallows_up, self.swallows_down = up, down

    def cut(self) -> None:
        """Cut every connection now."""
        for pair in tuple(self._pairs):
            self._cut(pair)

    # -- carrying ------------------------------------------------------------------------------

    async def carry(self, near: asyncio.StreamReader, near_out: asyncio.StreamWriter) -> None:
        """Join one connection to the target until it ends."""
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            await self._flowing.wait()
            far, far_out = await self.reach()
        except OSError:
            near_out.transport.abort()
            return
        finally:
            self._tasks.discard(task)
        pair = (near_out, far_out)
        self._pairs.add(pair)
        left = [self.cut_after()]
        ways = [
            asyncio.create_task(self._pump(near, far_out, pair, left, up=True)),
            asyncio.create_task(self._pump(far, near_out, pair, left, up=False)),
        ]
        self._tasks.update(ways)
        await asyncio.gather(*ways, return_exceptions=True)
        self._tasks.difference_update(ways)
        self._pairs.discard(pair)
        for writer in pair:
            writer.close()

    async def _pump(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        pair: tuple[asyncio.StreamWriter, asyncio.StreamWriter],
        left: list[int | None],
        *,
        up: bool,
    ) -> None:
        dead = False
        try:
            while True:
                await self._flowing.wait()
                read = await reader.read(CHUNK_BYTES)
                await self._flowing.wait()
                # A stream that lost a byte never goes on: no network leaves a hole in one.
                dead = dead or (self.swallows_up if up else self.swallows_down)
                if dead:
                    if not read:  # an end that the other side never learns of
                        await asyncio.get_running_loop().create_future()
                    continue
                if not read:
                    if writer.can_write_eof():
                        writer.write_eof()
                    return
                if left[0] is not None and left[0] <= len(read):
                    writer.write(read[: left[0]])
                    await asyncio.sleep(0)  # what was carried leaves before the cut
                    self._cut(pair)
                    return
                if left[0] is not None:
                    left[0] -= len(read)
                writer.write(read)
                self.carried += len(read)
                await writer.drain()
        except (ConnectionError, OSError):
            self._cut(pair, counts=False)

    def _cut(
        self, pair: tuple[asyncio.StreamWriter, asyncio.StreamWriter], counts: bool = True
    ) -> None:
        if pair in self._pairs:
            self._pairs.discard(pair)
            self.cuts += counts
            for writer in pair:
                writer.transport.abort()

    async def end(self) -> None:
        """Cut all, and wait for what runs."""
        self._flowing.set()
        self.swallow(False, False)
        for pair in tuple(self._pairs):
            self._cut(pair, counts=False)
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


@asynccontextmanager
async def link_to_port(port: int, receive_buffer: int | None = None):
    """Give a link to a TCP port of this machine, and the port where it begins.

    Args:
        port: of the target.
        receive_buffer: bytes that the kernel keeps for this side of the target's connection.
    """

    async def reach() -> Streams:
        if receive_buffer is None:
            return await asyncio.open_connection("127.0.0.1", port)
        import socket

        small = socket.socket()
        small.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        small.setblocking(False)
        await asyncio.get_running_loop().sock_connect(small, ("127.0.0.1", port))
        return await asyncio.open_connection(sock=small, limit=CHUNK_BYTES)

    link = Link(reach)
    server = await asyncio.start_server(link.carry, "127.0.0.1", 0)
    try:
        yield link, server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await link.end()
        await server.wait_closed()


@asynccontextmanager
async def link_to_path(path: Path, begins: Path):
    """Give a link from one Unix socket to another."""

    async def reach() -> Streams:
        return await asyncio.open_unix_connection(str(path))

    link = Link(reach)
    server = await asyncio.start_unix_server(link.carry, str(begins))
    try:
        yield link
    finally:
        server.close()
        await link.end()
        await server.wait_closed()


def cuts_within(chance: random.Random, most: int) -> Callable[[], int]:
    """Cut each connection after a random number of bytes."""
    return lambda: chance.randrange(1, most)

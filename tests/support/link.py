"""A network between a client and a service of this machine that a test may cut, slow down and mend."""

import asyncio
from collections.abc import Callable, Coroutine, Generator
from contextlib import contextmanager, suppress
from threading import Thread
from typing import Any, Final, TypeVar

from tests.support.processes import HOST

CHUNK: Final = 64 * 1024  # bytes

T = TypeVar("T")


class Link:
    """Whoever connects to `port` talks to the port behind it, for as long as the link is whole."""

    def __init__(self, behind: int) -> None:
        self.behind = behind
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._whole = asyncio.Event()
        self._whole.set()
        self._delay = 0.0
        self._ends: set[asyncio.StreamWriter] = set()
        self._server = self._done(asyncio.start_server(self._accept, HOST, 0))
        self.port: int = self._server.sockets[0].getsockname()[1]

    @property
    def address(self) -> str:
        return f"{HOST}:{self.port}"

    def cut(self) -> None:
        """From now on nothing comes through, and nobody is told: connections stay open, new ones hang."""
        self._soon(self._whole.clear)

    def drop(self) -> None:
        """Every connection is lost, as both its ends now learn."""
        self._soon(self._abort)

    def mend(self) -> None:
        """What was held back comes through."""
        self._soon(self._whole.set)

    def slow(self, seconds: float) -> None:
        """Each piece of what is said takes so much longer, in both directions."""
        self._delay = seconds

    def close(self) -> None:
        self._done(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _soon(self, step: Callable[[], None]) -> None:
        """Done when it returns."""

        async def stepping() -> None:
            step()

        self._done(stepping())

    def _done(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._ends.add(writer)
        with suppress(OSError):  # the service is away: so is whoever asks through us
            await self._whole.wait()
            far_reader, far_writer = await asyncio.open_connection(HOST, self.behind)
            self._ends.add(far_writer)
            await asyncio.gather(self._pass(reader, far_writer), self._pass(far_reader, writer))
            self._ends.discard(far_writer)
        writer.close()
        self._ends.discard(writer)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(CHUNK):
                if self._delay:
                    await asyncio.sleep(self._delay)
                await self._whole.wait()
                writer.write(data)
                await writer.drain()
        writer.close()

    def _abort(self) -> None:
        for end in self._ends:
            end.transport.abort()

    async def _end(self) -> None:
        self._server.close()
        self._abort()
        tasks = asyncio.all_tasks() - {task for task in [asyncio.current_task()] if task}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@contextmanager
def link_to(port: int) -> Generator[Link]:
    link = Link(port)
    try:
        yield link
    finally:
        link.close()

"""What a serving process does every few seconds beside its requests: writes down contacts and the feed's mark."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from litestar import Litestar
from sqlalchemy.exc import SQLAlchemyError

from ..centre import Centre

EVERY_SECONDS = 5.0
_log = logging.getLogger(__name__)


def beating(
    centre: Centre, every: float = EVERY_SECONDS
) -> Callable[[Litestar], AbstractAsyncContextManager[None]]:
    """Return what keeps ``centre`` beating for as long as the application lives; one more beat ends it."""

    @asynccontextmanager
    async def alive(_application: Litestar) -> AsyncIterator[None]:
        heart = asyncio.create_task(_forever(centre, every))
        try:
            yield
        finally:
            heart.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await heart
            await asyncio.to_thread(beat, centre)

    return alive


async def _forever(centre: Centre, every: float) -> None:
    while True:
        await asyncio.sleep(every)
        await asyncio.to_thread(beat, centre)


def beat(centre: Centre) -> None:
    """Write down what is to be written; a database that does not answer is tried again next time."""
    try:
        centre.contacts.write(centre.engine)
        if centre.marker is not None:
            centre.marker.compare(centre.engine, centre.now())
    except (SQLAlchemyError, OSError) as fault:
        _log.warning("beat: %s", type(fault).__name__)

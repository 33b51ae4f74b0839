"""Serves the feed: every event in its final order, chained and signed (DESIGN §4)."""

from __future__ import annotations

from jinpu_desk.app.ports.sync import Cursor
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.events import GENESIS
from jinpu_desk.domain.ids import Digest
from jinpu_desk.store.centre.events import FeedRow
from jinpu_desk.sync.wire import FEED_BYTES, Checkpoint, FeedEntry, FeedPage

from ..keys import CentreKey
from .log import Ledger


def page(ledger: Ledger, key: CentreKey, cursor: Cursor, limit: int, now: int) -> FeedPage:
    """Return the items after ``cursor``, up to ``limit``.

    Raises:
        Refused: ``sync.rewound`` when this centre never had that epoch, position and hash: it was restored
            from a backup, or it is another centre.
    """
    with ledger.read() as log:
        head = log.feed_head()
        held = bytes.fromhex(GENESIS) if cursor.position == 0 else log.hash_at(cursor.position)
        if cursor.epoch != head.epoch or held is None or held.hex() != cursor.hash:
            raise Refused(
                "sync.rewound", "after", after=cursor.position, head=head.position, epoch=head.epoch
            )
        rows = _signed(log.feed_page(cursor.position, limit, FEED_BYTES))
    end = Checkpoint(
        epoch=head.epoch,
        position=rows[-1].position if rows else cursor.position,
        hash=Digest(rows[-1].feed_hash.hex()) if rows else cursor.hash,
    )
    return FeedPage(
        items=[
            FeedEntry(
                position=row.position,
                header=row.header,
                body=row.body,
                salt=row.salt,
                outcome=row.outcome,  # type: ignore[arg-type]  # one of schema.OUTCOMES
                reason=row.reason,
                signature=row.signature,
            )
            for row in rows
        ],
        checkpoint=end,
        signature=key.sign(end.statement()),
        head=max(head.position, end.position),
        now=now,
        backup_horizon=head.horizon,
    )


def _signed(rows: list[FeedRow]) -> list[FeedRow]:
    """End a page where a push ended: what a desk holds without its writer's signature, it could offer nobody.

    A push that is longer than the page is cut all the same.
    """
    for count in range(len(rows), 0, -1):
        if rows[count - 1].signature is not None:
            return rows[:count]
    return rows

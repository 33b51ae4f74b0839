"""Checks a page of the feed item by item before anything of it is believed (DESIGN §4)."""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from jinpu_desk.app.ports.sync import Cursor, FeedItem
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.events import verify_body

from .wire import FeedPage, feed_hash, read


def signed(centre_key: bytes, statement: bytes, signature: bytes) -> bool:
    """Tell whether the centre with that raw Ed25519 key signed ``statement``."""
    try:
        Ed25519PublicKey.from_public_bytes(centre_key).verify(signature, statement)
    except (InvalidSignature, ValueError):
        return False
    return True


def checked(page: FeedPage, cursor: Cursor, centre_key: bytes) -> tuple[list[FeedItem], Cursor]:
    """Return the items of a page that continues ``cursor``, and the cursor after them.

    Raises:
        Refused: ``sync.feed-broken`` when a position is left out or the chain does not lead to the checkpoint,
            ``sync.checkpoint`` when the centre did not sign it, ``chain.body`` for a body that is not the one
            its header names.
    """
    hash_, position, items = cursor.hash, cursor.position, []
    for entry in page.items:
        position += 1
        if entry.position != position:
            raise Refused("sync.feed-broken", position=position)
        one = read(entry.header, entry.body, entry.salt)
        verify_body(one.event)
        hash_ = feed_hash(hash_, position, one.hash, entry.outcome, entry.reason)
        items.append(
            FeedItem(
                position=position,
                event=one.event,
                outcome=entry.outcome,
                reason=entry.reason,
                signature=entry.signature,
                raw=one.header,
                hash=one.hash,
            )
        )
    end = page.checkpoint
    if (end.epoch, end.position, end.hash) != (cursor.epoch, position, hash_):
        raise Refused("sync.feed-broken", position=position)
    if not signed(centre_key, end.statement(), page.signature):
        raise Refused("sync.checkpoint", position=position)
    return items, Cursor(epoch=end.epoch, position=position, hash=hash_)

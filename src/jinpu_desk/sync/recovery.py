"""How a desk goes on with a centre that was restored from a backup (DESIGN §4, REWOUND).

A centre that lost what it had acknowledged is believed only when it says so: with a new epoch, signed, whose line
names the one the desk knows. Until then the desk keeps everything and refuses to sync.
"""

from __future__ import annotations

import logging

from jinpu_desk.app.ports import ReferenceShelf
from jinpu_desk.app.ports.sync import Cursor, Offer, SyncStore
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.events import Head, header_hash

from .centre import Centre
from .pull import signed
from .supplies import TRUST
from .wire import Checkpoint, Push, to_wire
from .wire_rare import CommonRequest, SignedCheckpoint

log = logging.getLogger(__name__)


class Recovery:
    """Finds the last place both know, goes back to it, and hands in what the centre lost."""

    def __init__(self, *, centre: Centre, centre_key: bytes, store: SyncStore, shelf: ReferenceShelf) -> None:
        """Join the parts; nothing is asked yet."""
        self._centre = centre
        self._key = centre_key
        self._store = store
        self._shelf = shelf

    def begin(self, complaint: Refused, reached: Cursor) -> None:
        """Go back to the newest common place in the centre's new epoch; ``lost`` then says what it lacks.

        Raises:
            Refused: ``complaint`` again while the centre has not begun a new epoch after it was restored,
                ``sync.checkpoint`` when the new epoch is not signed, ``sync.other-centre`` when it does not carry
                on the history this desk knows.
        """
        trust = self._shelf.files(TRUST) if TRUST in self._shelf.sound() else {}
        answer = self._centre.common(
            CommonRequest(
                checkpoints=self._pinned(),
                trust=trust.get("trust.json", b""),
                trust_signature=trust.get("trust.sig", b""),
            )
        )
        if not signed(self._key, answer.epoch.statement(), answer.signature):
            raise Refused("sync.checkpoint", "epoch")
        if answer.restored or answer.epoch.epoch == reached.epoch:
            raise complaint
        # One that was never served a page of its epoch holds nothing of it that a centre could contradict.
        if reached.epoch not in answer.epoch.line and self._store.checkpoints():
            raise Refused("sync.other-centre", "epoch")
        common = Cursor(epoch=answer.epoch.epoch, position=answer.position, hash=answer.hash)
        lost = self._store.rewind(common, answer.heads)
        log.warning("the centre began a new epoch; it lost %d events known here", lost)

    def offer(self, lost: Offer) -> None:
        """Hand in another replica's events. What the centre does not take here, another desk may bring."""
        if lost.signature is None:
            raise ValueError("own events are pushed")
        last = lost.events[-1].header
        head = Head(replica=last.replica, seq=last.seq, hash=header_hash(last))
        push = Push(events=[to_wire(event) for event in lost.events], head=head, signature=lost.signature)
        try:
            self._centre.offer(last.replica, push)
        except Refused as refused:
            log.warning("offered events of %s: %s", last.replica, refused.code)

    def _pinned(self) -> list[SignedCheckpoint]:
        return [
            SignedCheckpoint(
                checkpoint=Checkpoint(epoch=pin.at.epoch, position=pin.at.position, hash=pin.at.hash),
                signature=pin.signature,
            )
            for pin in self._store.checkpoints()
        ]

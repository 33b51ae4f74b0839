"""What a centre that lost its newest past tells desks, and what it keeps closed meanwhile (DESIGN §4, REWOUND)."""

from __future__ import annotations

from sqlalchemy.engine import Connection

from jinpu_desk.domain.errors import Refused, Unavailable
from jinpu_desk.domain.events import GENESIS
from jinpu_desk.domain.ids import Digest, ReplicaId
from jinpu_desk.store.centre import epochs, events, registry
from jinpu_desk.sync.wire_rare import CommonAnswer, CommonRequest, EpochRecord, SignedCheckpoint

from .centre import Centre
from .keys import signed_by

CHECKPOINTS = 4096
"""Most places a desk may ask about at once."""


def require_whole(connection: Connection) -> None:
    """Refuse what must not happen twice, as long as the centre may have forgotten that it happened once.

    Raises Unavailable ``server.restored`` from the moment a restore is known until an operator begins a new epoch.
    """
    if epochs.restored_at(connection) is not None:
        raise Unavailable("server.restored")


def record(connection: Connection) -> EpochRecord:
    """Return the current epoch and those before it."""
    current, *former = epochs.line(connection)
    return EpochRecord(epoch=current[0], line=tuple(epoch for epoch, _ in former), bumped_at=current[1])


def common(centre: Centre, asked: CommonRequest) -> CommonAnswer:
    """Return the newest of a desk's checkpoints that lies on this feed, and how far each chain is held.

    A checkpoint that this centre signed, in the current epoch or in one it knows nothing of, and no longer has proves
    that it was restored: it is marked so, in whatever way its data went back in time. An epoch it forgot is one of
    those the next epoch carries on.

    Raises Refused ``sync.checkpoints`` for too many.
    """
    if len(asked.checkpoints) > CHECKPOINTS:
        raise Refused("sync.checkpoints", "checkpoints", limit=CHECKPOINTS)
    genuine = [one for one in asked.checkpoints if _signed_here(centre, one)]
    with centre.engine.begin() as connection:
        now_in = record(connection)
        position, digest, restored = 0, Digest(GENESIS), epochs.restored_at(connection) is not None
        forgotten = {one.checkpoint.epoch for one in genuine} - {now_in.epoch, *now_in.line}
        for epoch in sorted(forgotten):
            epochs.recall(connection, epoch)
        if forgotten and not restored:
            epochs.mark_restored(connection, centre.now())
            restored = True
        for one in (signed.checkpoint for signed in genuine):
            held = events.hash_at(connection, one.position)
            if held is not None and held.hex() == one.hash:
                position, digest = one.position, one.hash
                break
            if one.epoch == now_in.epoch and not restored:
                epochs.mark_restored(connection, centre.now())
                restored = True
        heads = registry.heads(connection)
    return CommonAnswer(
        epoch=now_in,
        signature=centre.key.sign(now_in.statement()),
        position=position,
        hash=digest,
        heads={ReplicaId(replica): seq for replica, seq in heads.items()},
        restored=restored,
    )


def _signed_here(centre: Centre, one: SignedCheckpoint) -> bool:
    return signed_by(centre.key.public, one.checkpoint.statement(), one.signature)

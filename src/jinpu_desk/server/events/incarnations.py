"""A window PC that may no longer write as it did, and one that a restored centre forgot (DESIGN §3, §4)."""

from __future__ import annotations

import msgspec
from sqlalchemy.engine import Connection

from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.events import GENESIS
from jinpu_desk.domain.ids import ReplicaId, uuid7
from jinpu_desk.domain.numbering import LAST_SERIES
from jinpu_desk.store.centre import epochs, events, registry
from jinpu_desk.store.centre.registry import ReplicaRow
from jinpu_desk.sync.wire import TrustDirectory, TrustEntry
from jinpu_desk.sync.wire_rare import (
    IncarnationAnswer,
    IncarnationRequest,
    Readmission,
    ReadmissionAnswer,
    readmission_statement,
)

from ..centre import Centre
from ..epochs import require_whole
from ..keys import signed_by
from ..people import check_certificate, grants, replica_of, token_hash

READMITTED = "readmitted"
"""The cause of a replica that a restored centre knows by its own signature alone."""


def incarnate(
    centre: Centre, former: ReplicaRow, asked: IncarnationRequest, server_url: str
) -> IncarnationAnswer:
    """Make the replica that ``former``'s window PC goes on as: new id, new series, a token of its own.

    The former replica stays, because after a copy somebody else goes on with it. Asked again with the same key, the
    same replica is answered with the same token: a request that was given up may still arrive after its repetition.

    Raises:
        Refused: ``enrol.key``, ``incarnation.proof`` when the former key did not sign it, ``enrol.series-exhausted``.
        Unavailable: ``server.restored``.
    """
    check_certificate(asked.public_key, asked.certificate)
    if not signed_by(former.public_key, asked.statement(), asked.proof):
        raise Refused("incarnation.proof", "proof")
    with centre.engine.begin() as connection:
        require_whole(connection)
        # A request and its repetition come one after the other.
        events.lock_replica(connection, former.id)
        row = registry.replica_by_key(connection, asked.public_key)
        if row is None:
            row = _next(centre, connection, former, asked)
        elif row.former != former.id:
            raise Refused("incarnation.proof", "public_key")
        for clerk in registry.clerks_at(connection, former.id):
            registry.keep_slot(connection, row.id, clerk.name)
    return IncarnationAnswer(
        replica=replica_of(centre, row, server_url),
        token=centre.key.bearer(row.id),
        escrow=centre.key.escrow(row.id),
        grants=grants(centre, row).grants,
    )


def _next(
    centre: Centre, connection: Connection, former: ReplicaRow, asked: IncarnationRequest
) -> ReplicaRow:
    series = registry.take_series(connection, former.station.code)
    if series > LAST_SERIES:
        raise Refused("enrol.series-exhausted", station=former.station.code)
    row = ReplicaRow(
        id=uuid7(centre.clock.now(), centre.entropy),
        station=former.station,
        series=series,
        window=former.window,
        public_key=asked.public_key,
        certificate=asked.certificate,
        enrolled_at=centre.now(),
        revoked_at=None,
        seq=0,
        former=former.id,
        cause=asked.cause,
    )
    registry.add_replica(connection, row, token_hash(centre.key.bearer(row.id)), bytes.fromhex(GENESIS))
    return row


def readmit(centre: Centre, replica_id: str, asked: Readmission) -> ReadmissionAnswer:
    """Know a replica again that was enrolled after the backup this centre was restored from.

    The directory of windows bears this centre's own signature, so whatever it lists was enrolled here. Every replica
    in it is known again, so that events of any of them can be handed in.

    Raises:
        Refused: ``readmission.trust`` when the directory is not this centre's or does not list the replica,
            ``readmission.proof``, ``readmission.known`` when nothing was forgotten, ``sync.replica-revoked``.
        Unavailable: ``server.restored`` until a new epoch began.
    """
    listed = _listed(centre, asked.trust, asked.trust_signature)
    entry = listed.get(ReplicaId(replica_id))
    if entry is None:
        raise Refused("readmission.trust", replica_id)
    if not signed_by(entry.public_key, readmission_statement(entry.id, asked.at), asked.proof):
        raise Refused("readmission.proof", "proof")
    if entry.revoked_at is not None:
        raise Refused("sync.replica-revoked", entry.id)
    with centre.engine.begin() as connection:
        require_whole(connection)
        known = registry.replica_by_id(connection, entry.id)
        # One that was known again through another's directory, or asks twice, comes for its token.
        if known is not None and known.cause != READMITTED:
            raise Refused("readmission.known", entry.id)
        for forgotten in listed.values():
            _know_again(centre, connection, forgotten)
    return ReadmissionAnswer(token=centre.key.bearer(entry.id))


def introduce(centre: Centre, trust: bytes, signature: bytes) -> None:
    """Know the windows of a directory again, that anybody shows, so that what they wrote can be handed in by others.

    A centre that is restored and in no new epoch yet lets it be: it may still be one that must not go on.

    Raises Refused ``readmission.trust`` when the directory is not this centre's.
    """
    listed = _listed(centre, trust, signature)
    with centre.engine.begin() as connection:
        if epochs.restored_at(connection) is None:
            for entry in listed.values():
                _know_again(centre, connection, entry)


def _listed(centre: Centre, trust: bytes, signature: bytes) -> dict[ReplicaId, TrustEntry]:
    if not signed_by(centre.key.public, trust, signature):
        raise Refused("readmission.trust", "trust")
    try:
        return {entry.id: entry for entry in msgspec.json.decode(trust, type=TrustDirectory).replicas}
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Refused("readmission.trust", "trust") from error


def _know_again(centre: Centre, connection: Connection, entry: TrustEntry) -> None:
    station = registry.station_numbered(connection, entry.station)
    if station is None or registry.replica_by_id(connection, entry.id) is not None:
        return
    registry.reserve_series(connection, entry.station, int(entry.series))
    row = ReplicaRow(
        id=entry.id,
        station=station,
        series=int(entry.series),
        window=entry.window,
        public_key=entry.public_key,
        certificate=entry.certificate,
        enrolled_at=centre.now(),
        revoked_at=entry.revoked_at,
        seq=0,
        former=entry.former,
        cause=READMITTED,
    )
    # Nobody knows this token before the replica proves who it is.
    registry.add_replica(connection, row, token_hash(centre.key.bearer(row.id)), bytes.fromhex(GENESIS))

"""Publishes reference data: catalogue and calendars as immutable versions, and the directory of trusted keys."""

from __future__ import annotations

import msgspec
from sqlalchemy.engine import Engine

from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.events import canonical
from jinpu_desk.domain.ids import Digest, ReplicaId
from jinpu_desk.store.centre import ledgers, registry
from jinpu_desk.sync.wire import (
    ReferenceIndex,
    TrustDirectory,
    TrustEntry,
    reference_digest,
    reference_statement,
)

from .keys import CentreKey

CATALOGUE = "catalogue"
CALENDARS = "calendars"
TRUST = "trust"


def publish(engine: Engine, kind: str, files: dict[str, bytes], at: int) -> tuple[Digest, bool]:
    """Make ``files`` the current version of ``kind``; return its digest and whether it is new."""
    digest = reference_digest(files)
    with engine.begin() as connection:
        new = ledgers.publish(connection, kind, digest, msgspec.msgpack.encode(files, order="sorted"), at)
    return digest, new


def current_files(engine: Engine, kind: str) -> dict[str, bytes]:
    """Return the files of the current version of ``kind``, none before the first."""
    with engine.connect() as connection:
        digest = ledgers.current_versions(connection).get(kind)
        raw = ledgers.reference_files(connection, kind, digest) if digest else None
    return msgspec.msgpack.decode(raw, type=dict[str, bytes]) if raw else {}


def index(engine: Engine, key: CentreKey, training: bool) -> ReferenceIndex:
    """Return the current version of each kind, signed."""
    with engine.connect() as connection:
        versions = ledgers.current_versions(connection)
    digests = {kind: Digest(digest) for kind, digest in versions.items()}
    digests[TRUST] = reference_digest(trust_files(engine, key, training))
    return ReferenceIndex(digests=digests, signature=key.sign(reference_statement(digests)))


def files(engine: Engine, key: CentreKey, training: bool, kind: str, digest: str) -> bytes:
    """Return a version as a MessagePack map from name to bytes.

    Raises Refused ``reference.unknown``; for ``trust`` only the current version exists.
    """
    if kind == TRUST:
        current = trust_files(engine, key, training)
        if reference_digest(current) == digest:
            return msgspec.msgpack.encode(current, order="sorted")
    else:
        with engine.connect() as connection:
            found = ledgers.reference_files(connection, kind, digest)
        if found is not None:
            return found
    raise Refused("reference.unknown", f"{kind}/{digest}", kind=kind)


def trust_files(engine: Engine, key: CentreKey, training: bool) -> dict[str, bytes]:
    """Return ``trust.json`` (every replica there ever was) and ``trust.sig``."""
    with engine.connect() as connection:
        rows = registry.replicas(connection)
    directory = TrustDirectory(
        centre_key=key.public,
        bundle_key=key.reader_public,
        training=training,
        replicas=[
            TrustEntry(
                id=ReplicaId(row.id),
                station=row.station.number,
                station_name=row.station.name,
                series=f"{row.series:03}",
                window=row.window,
                public_key=row.public_key,
                certificate=row.certificate,
                revoked_at=row.revoked_at,
                former=ReplicaId(row.former) if row.former else None,
            )
            for row in rows
        ],
    )
    text = canonical(directory)
    return {"trust.json": text, "trust.sig": key.sign(text)}

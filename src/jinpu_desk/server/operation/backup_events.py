"""Reads the events of a backup back from disk: they must be the whole feed, and they name the files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import msgspec

from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.events import GENESIS, body_digest
from jinpu_desk.domain.ids import Digest
from jinpu_desk.store.centre import copying
from jinpu_desk.store.centre.copying import Table
from jinpu_desk.store.centre.schema import OUTCOMES
from jinpu_desk.sync.wire import feed_hash

from . import backup_files as files
from .verify import NAMING, named_file


class NamedFile(msgspec.Struct, frozen=True):
    """A scan or paper, and where in the feed and when (UTC ms) the event came that names it."""

    sha256: Digest
    position: int
    arrived_at: int


class _Header(msgspec.Struct, frozen=True):
    type: str
    body_digest: Digest


_HEADERS = msgspec.json.Decoder(_Header)


def read_back(path: Path, table: Table, position: int, hash_: Digest) -> Iterator[NamedFile]:
    """Walk the events in the file at ``path`` and yield each scan and paper they name.

    The walk must be taken to its end: only then is it known that the file is the whole feed up to that position
    and hash, each event and each body as they were signed for.

    Raises:
        Refused: ``backup.unsound`` with the position at which it is not.
    """
    chain, at = Digest(GENESIS), 0
    for line in files.lines(path):
        row = dict(zip(table.columns, copying.values(line), strict=True))
        at += 1
        try:
            header = copying.raw(row["header"] or "")
            named = _HEADERS.decode(header)
            digest = Digest(hashlib.sha256(header).hexdigest())
            chain = feed_hash(chain, at, digest, OUTCOMES[int(row["outcome"] or 0)], row["reason"] or "")
            sound = (row["position"], copying.raw(row["feed_hash"] or "").hex()) == (str(at), chain)
            body = _body(row, named)
        except (msgspec.DecodeError, ValueError, IndexError) as error:
            raise Refused("backup.unsound", path.name, position=at) from error
        if not sound:
            raise Refused("backup.unsound", path.name, position=at)
        if body is not None and named.type in NAMING:
            yield NamedFile(named_file(body), at, int(row["arrived_at"] or 0))
    if (at, chain) != (position, hash_):
        raise Refused("backup.unsound", path.name, position=at)


def _body(row: dict[str, str | None], header: _Header) -> bytes | None:
    """Return the body, None once erased. Raises ValueError when it is not the one the header names."""
    if row["body"] is None or row["salt"] is None:
        return None
    body = copying.raw(row["body"])
    if body_digest(body, copying.raw(row["salt"])) != header.body_digest:
        raise ValueError(header.body_digest)
    return body

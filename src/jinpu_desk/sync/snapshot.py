"""Fetches the snapshot a new window begins from: proven to be the centre's, piece by piece, whole or not at all.

What breaks off is gone on with: the pieces that came stay in one file, and nothing is believed before the hash of the
whole is right. If the centre has made a newer one meanwhile, the file is begun anew.

The file has its full size from the beginning, so that whoever converts it can follow the fetching as a reader of an
ordinary database; how much of it has come stands in a note beside it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Condition, Thread
from types import TracebackType
from typing import Protocol, Self

from jinpu_desk.domain.errors import Refused

from .pull import signed
from .wire_snapshot import PIECE, SnapshotAnswer, SnapshotManifest

Told = Callable[[int, int], None]
"""Is told how many bytes of how many are done; fetching is one half of the work and reading the other."""
KEY_BYTES = 32


class SnapshotSource(Protocol):
    """The centre as somebody sees it who needs a snapshot."""

    def snapshot(self) -> SnapshotAnswer:
        """Return the snapshot for this replica. Raises Refused ``snapshot.none`` when there is none."""
        ...

    def snapshot_piece(self, snapshot_id: str, offset: int, length: int) -> bytes:
        """Return up to ``length`` bytes. Raises Refused ``snapshot.unknown`` when it was replaced."""
        ...


def checked_answer(answer: SnapshotAnswer, *, centre_key: bytes, epoch: str, schema: str) -> SnapshotManifest:
    """Return the manifest of an answer that this desk may begin from.

    Raises:
        Refused: ``snapshot.forged`` when the centre with that key did not sign it or it is of another history,
            ``snapshot.schema`` when it was made for a newer or older program.
    """
    manifest = answer.manifest
    genuine = signed(centre_key, manifest.statement(), answer.signature) and len(answer.key) == KEY_BYTES
    if not genuine or manifest.epoch != epoch or not _plain(manifest.id):
        raise Refused("snapshot.forged", manifest.id)
    if manifest.schema != schema:
        raise Refused("snapshot.schema", manifest.id, schema=manifest.schema, known=schema)
    return manifest


class Download:
    """A snapshot on its way into ``folder``, fetched by a thread of its own while the file is read from the front.

    Use it as a context manager; leaving it ends the fetching. What came stays for the next try, unless the centre has
    another snapshot by now or what came is not what it signed.
    """

    def __init__(self, source: SnapshotSource, manifest: SnapshotManifest, folder: Path, told: Told) -> None:
        """Prepare to fetch ``manifest``'s file; ``told`` is called by whoever calls ``ready``."""
        self.path = folder / f"{manifest.id}.part"
        self._note = folder / f"{manifest.id}.have"
        self._source = source
        self._manifest = manifest
        self._told = told
        self._news = Condition()
        self._digest = hashlib.sha256()
        self._have = 0
        self._proven = False
        self._failure: Exception | None = None
        self._left = False
        self._fetching = Thread(target=self._fetch, name="snapshot", daemon=True)

    def __enter__(self) -> Self:
        for left in self.path.parent.iterdir():
            if left not in (self.path, self._note):
                left.unlink()
        self._fetching.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._left = True
        self._fetching.join()
        if isinstance(error, Refused):
            self._note.unlink(missing_ok=True)
            self.path.unlink(missing_ok=True)

    def ready(self, size: int) -> None:
        """Wait until the first ``size`` bytes may be read; the last one may be only when the whole is proven.

        Raises:
            Refused: ``snapshot.corrupt`` when it is not what the manifest says, and ``snapshot.unknown`` when the
                centre has another by now.
            Unavailable: ``sync.offline`` …
        """
        total = self._manifest.size
        reading = min(size, total)
        with self._news:
            while self._failure is None and not self._proven and (self._have < size or size >= total):
                self._told((self._have + reading) // 2, total)
                self._news.wait()
            if self._failure is not None:
                raise self._failure
            self._told((self._have + reading) // 2, total)

    def _fetch(self) -> None:
        failure: Exception | None = None
        try:
            self._fetch_rest()
            if self._digest.hexdigest() != self._manifest.sha256:
                failure = Refused("snapshot.corrupt", self._manifest.id)
        except Exception as error:  # whoever waits raises it
            failure = error
        with self._news:
            self._proven, self._failure = failure is None, failure
            self._news.notify_all()

    def _fetch_rest(self) -> None:
        with self.path.open("r+b" if self.path.exists() else "w+b") as file:
            file.truncate(self._manifest.size)
            # What lies there may be torn by a power cut: it is read again, and the hash of the whole decides.
            came = self._came()
            while self._have < came and not self._left:
                self._add(file.read(min(PIECE, came - self._have)))
            for piece in self._pieces():
                file.write(piece)
                file.flush()
                self._note.write_text(str(self._have + len(piece)), "ascii")
                self._add(piece)

    def _came(self) -> int:
        """Return how many bytes an earlier try noted."""
        try:
            return min(max(0, int(self._note.read_text("ascii"))), self._manifest.size)
        except (FileNotFoundError, ValueError):
            return 0

    def _add(self, piece: bytes) -> None:
        self._digest.update(piece)
        with self._news:
            self._have += len(piece)
            self._news.notify_all()

    def _pieces(self) -> Iterator[bytes]:
        """Yield the file from where it ends so far; the next piece is under way while one is hashed and written."""
        size = self._manifest.size

        def ask(start: int) -> bytes:
            return self._source.snapshot_piece(self._manifest.id, start, min(PIECE, size - start))

        with ThreadPoolExecutor(1, "snapshot-line") as line:
            have = self._have
            under_way = line.submit(ask, have) if have < size else None
            while under_way is not None and not self._left:
                piece = under_way.result()
                if not piece:
                    raise Refused("snapshot.corrupt", self._manifest.id)
                have += len(piece)
                under_way = line.submit(ask, have) if have < size else None
                yield piece


def _plain(name: str) -> bool:
    """Whether a name may become a file's: what the centre draws is hexadecimal."""
    return 0 < len(name) <= 64 and name.isascii() and name.isalnum()

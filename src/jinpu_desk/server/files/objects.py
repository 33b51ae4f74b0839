"""Where the centre keeps files: a folder, or a bucket that speaks S3, behind one small interface.

Both are stores of the library obstore. A folder adds what a local file needs to survive a power cut and the library
leaves out: the file is synced before it takes its name, and its folder after. Under S3 an answer means durable.
"""

from __future__ import annotations

import contextlib
import os
import uuid
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol
from urllib.parse import parse_qsl, unquote, urlsplit

import msgspec
import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, S3Store

from jinpu_desk.domain.errors import Refused, Unavailable

STREAM = 1024 * 1024
"""Bytes read at once."""
_BUFFER = 5 * 1024 * 1024
"""Bytes of one part of a large object: the least that S3 takes, and the most that is held in memory."""
_STAGED = "incoming/.new"
_CONNECT, _ANSWER = "5s", "30s"
_RETRIES = 3


class Held(msgspec.Struct, frozen=True):
    """An object of a listing; ``at`` is when it was written, by the store's own clock."""

    key: str
    size: int
    at: datetime


class Objects(Protocol):
    """Named immutable files. Every method raises Unavailable ``blob.store`` when the store does not answer."""

    def held(self, key: str) -> Held | None:
        """Return what is known of an object, None when it is not here."""
        ...

    def under(self, prefix: str) -> Iterator[Held]:
        """Yield the objects below a prefix, in no order; "" yields all."""
        ...

    def read(self, key: str, start: int, end: int) -> Iterator[bytes]:
        """Yield bytes ``start`` to ``end`` (exclusive) in pieces. Raises FileNotFoundError at once."""
        ...

    def write(self, key: str, pieces: Iterable[bytes]) -> None:
        """Keep the pieces as one object; all of it, durably, or nothing. What was there is replaced."""
        ...

    def delete(self, keys: Sequence[str]) -> None:
        """Remove objects; those that are gone already do no harm."""
        ...


class _Stored:
    """What folder and bucket have in common."""

    def __init__(self, store: LocalStore | S3Store) -> None:
        self._store = store

    def held(self, key: str) -> Held | None:
        with _faults():
            try:
                meta = obstore.head(self._store, key)
            except FileNotFoundError:
                return None
        return Held(key, meta["size"], meta["last_modified"])

    def under(self, prefix: str) -> Iterator[Held]:
        with _faults():
            for page in obstore.list(self._store, prefix or None):
                yield from (Held(one["path"], one["size"], one["last_modified"]) for one in page)

    def read(self, key: str, start: int, end: int) -> Iterator[bytes]:
        if start >= end:
            return iter(())
        with _faults():
            found = obstore.get(self._store, key, options={"range": (start, end)})
        return _pieces(found)

    def _put(self, key: str, pieces: Iterable[bytes]) -> None:
        """Write small objects with one request and large ones in parts; a large one left half-way never appears."""
        source = iter(pieces)
        begun, more = _begun(source)
        if more is None:
            obstore.put(self._store, key, begun)
            return
        writer = obstore.open_writer(self._store, key, buffer_size=_BUFFER, max_concurrency=1)
        writer.write(begun)
        writer.write(more)
        for piece in source:
            writer.write(piece)
        writer.close()


class BucketObjects(_Stored):
    """Implements ``Objects`` in an S3-compatible bucket."""

    def write(self, key: str, pieces: Iterable[bytes]) -> None:
        with _faults():
            self._put(key, pieces)

    def delete(self, keys: Sequence[str]) -> None:
        with _faults(), contextlib.suppress(FileNotFoundError):
            obstore.delete(self._store, keys)


class FolderObjects(_Stored):
    """Implements ``Objects`` in a folder, which is made when the first object comes."""

    def __init__(self, folder: Path) -> None:
        """Use ``folder``."""
        self._folder = folder
        with _faults():
            folder.mkdir(parents=True, exist_ok=True)
            super().__init__(LocalStore(folder))

    def write(self, key: str, pieces: Iterable[bytes]) -> None:
        staged = f"{_STAGED}/{uuid.uuid4()}"
        place = self._folder / key
        with _faults():
            self._put(staged, pieces)
            with (self._folder / staged).open("rb+") as file:
                os.fsync(file.fileno())
            new = [folder for folder in place.parents if not folder.exists()]
            obstore.rename(self._store, staged, key)
            for folder in [place.parent, *(made.parent for made in new)]:
                _sync_folder(folder)

    def delete(self, keys: Sequence[str]) -> None:
        """Remove objects and the folders they leave empty."""
        with _faults():
            for key in keys:
                with contextlib.suppress(FileNotFoundError):
                    obstore.delete(self._store, key)
            for folder in {(self._folder / key).parent for key in keys}:
                self._tidy(folder)

    def _tidy(self, folder: Path) -> None:
        while folder != self._folder:
            try:
                folder.rmdir()
            except OSError:
                return  # not empty, or another process was faster
            folder = folder.parent


def open_objects(url: str, default: Path) -> Objects:
    """Return the store ``url`` names: "" for the folder ``default``, ``file:///…``, or
    ``s3://BUCKET/PREFIX?endpoint=URL&region=NAME`` with the credentials in the environment (``AWS_…``).

    Raises Refused ``server.blobs-url`` for any other address.
    """
    if not url:
        return FolderObjects(default)
    parts = urlsplit(url)
    wrong = Refused("server.blobs-url", "--blobs", url=parts._replace(netloc=parts.hostname or "").geturl())
    if parts.scheme == "file" and not parts.netloc and parts.path.startswith("/"):
        return FolderObjects(Path(unquote(parts.path)))
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    if parts.scheme != "s3" or not parts.hostname or parts.netloc != parts.hostname:
        raise wrong  # also for a name or password in the address: everybody on the machine could read it
    if not options.keys() <= {"endpoint", "region"}:
        raise wrong
    return _bucket(parts.hostname, parts.path.strip("/"), options, wrong)


def _bucket(name: str, prefix: str, options: dict[str, str], wrong: Refused) -> BucketObjects:
    endpoint = options.get("endpoint")
    if endpoint is not None and urlsplit(endpoint).scheme not in {"http", "https"}:
        raise wrong
    plain = endpoint is not None and endpoint.startswith("http://")
    try:
        store = S3Store(
            name,
            prefix=prefix or None,
            endpoint=endpoint,
            region=options.get("region", "us-east-1"),
            virtual_hosted_style_request=endpoint is None,
            client_options={"allow_http": plain, "connect_timeout": _CONNECT, "timeout": _ANSWER},
            retry_config={"max_retries": _RETRIES, "retry_timeout": timedelta(seconds=30)},
        )
    except BaseError as error:
        raise wrong from error
    return BucketObjects(store)


@contextlib.contextmanager
def _faults() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise
    except (BaseError, OSError) as error:
        raise Unavailable("blob.store", problem=type(error).__name__) from error


def _pieces(found: obstore.GetResult) -> Iterator[bytes]:
    with _faults():
        for piece in found.stream(min_chunk_size=STREAM):
            yield bytes(piece)


def _begun(source: Iterator[bytes]) -> tuple[bytes, bytes | None]:
    """Return what fits one part, and the piece after it if there is one."""
    begun = bytearray()
    for piece in source:
        if len(begun) + len(piece) > _BUFFER:
            return bytes(begun), piece
        begun += piece
    return bytes(begun), None


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":
        return  # Windows cannot open a folder; NTFS journals the rename
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

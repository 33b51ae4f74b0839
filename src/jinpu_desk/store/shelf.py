"""Published reference data on disk: ``<kind>/<digest>/…`` and a pointer to the current version of each kind."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from jinpu_desk.catalogue.load import digest_of
from jinpu_desk.domain.errors import Refused, Unavailable
from jinpu_desk.domain.ids import Digest

from .atomic import disk_faults, make_folder, sync_folder, write_file

CURRENT = "current"
_KIND = re.compile(r"[a-z][a-z0-9-]{0,30}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.\-]{0,120}")


class FileShelf:
    """Implements ``ReferenceShelf`` in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = make_folder(folder)

    def held(self) -> dict[str, Digest]:
        """Return the current digest of each kind.

        Raises:
            Unavailable: ``shelf.damaged`` when a pointer names no version that is here.
        """
        found = {}
        for kind, digest in self._pointers():
            if not _DIGEST.fullmatch(digest) or not (self._folder / kind / digest).is_dir():
                raise Unavailable("shelf.damaged", kind)
            found[kind] = Digest(digest)
        return found

    def sound(self) -> dict[str, Digest]:
        """Return the current digest of each kind whose files are still those of that digest."""
        return {
            kind: Digest(digest)
            for kind, digest in self._pointers()
            if _DIGEST.fullmatch(digest) and self._sound(kind, Digest(digest))
        }

    def _pointers(self) -> Iterator[tuple[str, str]]:
        for pointer in sorted(self._folder.glob(f"*/{CURRENT}")):
            yield pointer.parent.name, pointer.read_bytes().decode("ascii", "replace").strip()

    def keep(self, kind: str, digest: Digest, files: dict[str, bytes]) -> None:
        """Put a version on the shelf and make it current, atomically; older versions stay, a damaged one is replaced.

        Raises:
            Refused: ``shelf.name`` for a kind, digest or file name that could leave the shelf.
            Unavailable: ``store.disk-full`` or ``store.io``.
        """
        version = self._version(kind, digest)
        places = {_inside(name): data for name, data in files.items()}
        if not self._sound(kind, digest):
            self._write(version, places)
        write_file(version.parent / CURRENT, digest.encode("ascii"))

    def versions(self, kind: str) -> tuple[Digest, ...]:
        """Return the digests of all versions held, the current one first, then the newest."""
        current = self.held().get(kind)
        found = (path for path in self._folder.glob(f"{kind}/*") if _DIGEST.fullmatch(path.name))
        newest = sorted(found, key=lambda path: path.stat().st_mtime_ns, reverse=True)
        return tuple(Digest(p.name) for p in sorted(newest, key=lambda path: path.name != current))

    def files(self, kind: str, digest: Digest | None = None) -> dict[str, bytes]:
        """Return the files of a version (the current one by default) by their names.

        Raises:
            Unavailable: ``shelf.missing``, ``shelf.damaged`` when they are not the files of that digest.
        """
        wanted = digest if digest is not None else self.held().get(kind)
        if wanted is None or not self._version(kind, wanted).is_dir():
            raise Unavailable("shelf.missing", kind, digest=wanted or "")
        version = self._version(kind, wanted)
        try:
            found = {
                path.relative_to(version).as_posix(): path.read_bytes()
                for path in sorted(version.rglob("*"))
                if path.is_file()
            }
        except OSError as error:
            raise Unavailable("shelf.damaged", kind) from error
        if digest_of(found) != wanted:
            raise Unavailable("shelf.damaged", kind)
        return found

    def _version(self, kind: str, digest: Digest) -> Path:
        if not _KIND.fullmatch(kind):
            raise Refused("shelf.name", kind)
        if not _DIGEST.fullmatch(digest):
            raise Refused("shelf.name", digest)
        return self._folder / kind / digest

    def _sound(self, kind: str, digest: Digest) -> bool:
        try:
            return bool(self.files(kind, digest))
        except Unavailable:
            return False

    def _write(self, version: Path, places: dict[PurePosixPath, bytes]) -> None:
        make_folder(version.parent)
        draft = version.with_name(f".{version.name}.{os.getpid()}.new")
        with disk_faults(version.name):
            shutil.rmtree(draft, ignore_errors=True)
            make_folder(draft)
            try:
                for place, data in places.items():
                    write_file(make_folder(draft / place.parent) / place.name, data)
                shutil.rmtree(version, ignore_errors=True)  # a damaged one
                draft.rename(version)
            except BaseException:
                shutil.rmtree(draft, ignore_errors=True)
                raise
            sync_folder(version.parent)


def _inside(name: str) -> PurePosixPath:
    place = PurePosixPath(name)
    if not name or place.is_absolute() or not all(_PART.fullmatch(part) for part in name.split("/")):
        raise Refused("shelf.name", name)
    return place

"""Looks electronic licences up: in a folder that a data exchange fills, or at a platform over HTTP.

Both speak one format, JSON ``{"licences": [{"mark": …, "kind": …, …}]}`` with the keys of ``Licence``; unknown keys are
passed over, because platforms add some. Over HTTP the holder goes in the body, never in the address:

    → POST {base}/licences/search  {"holder_type": "111", "holder_no": "…"}   Authorization: Bearer …
    ← 200 {"licences": […]}
"""

from __future__ import annotations

from pathlib import Path

import httpx
import msgspec

from jinpu_desk.app.ports.licences import Licence
from jinpu_desk.domain.errors import Unavailable

LARGEST_ANSWER = 4 * 1024 * 1024
LARGEST_FILE = 64 * 1024 * 1024


class Answer(msgspec.Struct, frozen=True):
    """What a platform answers, and what a file holds."""

    licences: tuple[Licence, ...]


class FolderLicences:
    """Licences in the ``*.json`` files of a folder, read again when one of them changes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen: dict[Path, tuple[int, int]] = {}
        self._held: dict[tuple[str, str], list[Licence]] = {}

    def find(self, holder_type: str, holder_no: str) -> tuple[Licence, ...]:
        """Return every licence of the holder, newest first.

        Raises:
            Unavailable: ``licence.folder`` when the folder or a file of it cannot be read.
        """
        self._reload()
        return _newest_first(self._held.get((holder_type, holder_no), ()))

    def _reload(self) -> None:
        try:
            files = {path: _stamp(path) for path in sorted(self._folder.glob("*.json"))}
            if not self._folder.is_dir():
                raise NotADirectoryError(self._folder)
            if files == self._seen:
                return
            held: dict[tuple[str, str], list[Licence]] = {}
            for path, (_, size) in files.items():
                if size > LARGEST_FILE:
                    raise Unavailable("licence.bad-file", path.name)
                for licence in _decoded(path.read_bytes(), path.name):
                    held.setdefault((licence.holder_type, licence.holder_no), []).append(licence)
        except OSError as error:
            raise Unavailable("licence.folder") from error
        self._seen, self._held = files, held


class HttpLicences:
    """Licences at a platform; ``base`` is https but for loopback."""

    def __init__(self, base: str, token: str, *, timeout_s: float = 8) -> None:
        self._url = f"{base.rstrip('/')}/licences/search"
        self._headers = {"Authorization": f"Bearer {token}"}
        self._timeout_s = timeout_s

    def find(self, holder_type: str, holder_no: str) -> tuple[Licence, ...]:
        """Return every licence of the holder, newest first.

        Raises:
            Unavailable: ``licence.unreachable``, ``licence.denied``, ``licence.bad-answer``.
        """
        asked = {"holder_type": holder_type, "holder_no": holder_no}
        found = _decoded(self._post(asked), "")
        # A platform that answers for somebody else must not fill this applicant's form.
        own = [one for one in found if (one.holder_type, one.holder_no) == (holder_type, holder_no)]
        return _newest_first(own)

    def _post(self, asked: dict[str, str]) -> bytes:
        try:
            with (
                httpx.Client(timeout=self._timeout_s, trust_env=False) as client,
                client.stream("POST", self._url, json=asked, headers=self._headers) as answer,
            ):
                if answer.status_code in {401, 403}:
                    raise Unavailable("licence.denied")
                if answer.status_code != httpx.codes.OK:
                    raise Unavailable("licence.unreachable")
                taken = bytearray()
                for chunk in answer.iter_bytes():
                    taken += chunk
                    if len(taken) > LARGEST_ANSWER:
                        raise Unavailable("licence.bad-answer")
                return bytes(taken)
        except httpx.HTTPError:
            # No cause is chained: a client's message may quote what was asked.
            raise Unavailable("licence.unreachable") from None


def _stamp(path: Path) -> tuple[int, int]:
    told = path.stat()
    return told.st_mtime_ns, told.st_size


def _decoded(raw: bytes, file: str) -> tuple[Licence, ...]:
    try:
        return msgspec.json.decode(raw, type=Answer).licences
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Unavailable("licence.bad-file" if file else "licence.bad-answer", file) from None


def _newest_first(licences: list[Licence] | tuple[Licence, ...]) -> tuple[Licence, ...]:
    return tuple(sorted(licences, key=lambda one: one.issued_on, reverse=True))

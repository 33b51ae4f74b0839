"""Small JSON files that notice their own damage: a flipped bit is told from a wrong password or another window's name.

The last member of the object is ``checksum``, the SHA-256 of the object without it. It guards against a failing disk,
not against a person, who could count it anew; what must hold against persons is sealed or signed besides.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from .atomic import write_file

_LAST = re.compile(rb',"checksum":"([^"]*)"\}$')


class DamagedFile(ValueError):
    """The bytes are not those that were written."""


def write_checked(path: Path, data: bytes) -> None:
    """Put the JSON object ``data``, which has at least one member, at ``path`` durably, with its checksum."""
    data = data.rstrip()
    write_file(path, data[:-1] + b',"checksum":"' + _digest(data) + b'"}')


def read_checked(path: Path) -> bytes:
    """Return the object without its checksum.

    Raises:
        DamagedFile: when the checksum is another, or none.
        OSError: as reading does.
    """
    raw = path.read_bytes()
    found = _LAST.search(raw)
    data = raw[: found.start()] + b"}" if found else b""
    if found is None or _digest(data) != found[1]:
        raise DamagedFile(path.name)
    return data


def _digest(data: bytes) -> bytes:
    return hashlib.sha256(data).hexdigest().encode()

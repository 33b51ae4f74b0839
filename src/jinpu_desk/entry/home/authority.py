"""The authority a desk believes when its centre shows a certificate, kept with the home."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from jinpu_desk.domain.errors import Refused
from jinpu_desk.store.atomic import write_file


@contextmanager
def believed(ca: Path | None, folder: Path, former: str = "") -> Iterator[str]:
    """Lend the name in ``folder`` of the certificates of a PEM file; without one it is that of the ``former``.

    Left by an error, the new ones are gone. The former stay until ``drop``, for they may still be named somewhere.

    Raises Refused ``setup.ca`` when there are none to be read.
    """
    new = _kept(ca, folder) if ca is not None else former
    try:
        yield new
    except BaseException:
        drop(folder, new, former)
        raise


def drop(folder: Path, name: str, kept: str) -> None:
    """Forget the certificates ``name`` unless they are the ``kept`` ones."""
    if name and name != kept:
        (folder / name).unlink(missing_ok=True)


def _kept(ca: Path, folder: Path) -> str:
    from cryptography.hazmat.primitives.serialization import Encoding  # once in a desk's life
    from cryptography.x509 import load_pem_x509_certificates

    try:
        certificates = load_pem_x509_certificates(ca.read_bytes())
    except (OSError, ValueError) as error:
        raise Refused("setup.ca", str(ca)) from error
    plain = b"".join(each.public_bytes(Encoding.PEM) for each in certificates)
    name = f"ca-{hashlib.sha256(plain).hexdigest()[:16]}.pem"
    write_file(folder / name, plain)
    return name

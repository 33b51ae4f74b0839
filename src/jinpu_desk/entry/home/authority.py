"""The authority a desk believes when its centre shows a certificate, kept with the home from enrolment on."""

from __future__ import annotations

from pathlib import Path

from jinpu_desk.domain.errors import Refused
from jinpu_desk.store.atomic import write_file

FILE = "ca.pem"


def pin(ca: Path, folder: Path) -> Path:
    """Keep the certificates of a PEM file in ``folder``, which may move with the home; return where.

    Raises Refused ``setup.ca`` when there are none to be read.
    """
    from cryptography.hazmat.primitives.serialization import Encoding  # once in a desk's life
    from cryptography.x509 import load_pem_x509_certificates

    try:
        certificates = load_pem_x509_certificates(ca.read_bytes())
    except (OSError, ValueError) as error:
        raise Refused("setup.ca", str(ca)) from error
    kept = folder / FILE
    write_file(kept, b"".join(each.public_bytes(Encoding.PEM) for each in certificates))
    return kept

"""Pictures kept as proof that a result was taken: a signature, or the person who took it (DOMAIN §D, D9)."""

from __future__ import annotations

from jinpu_desk.domain import bodies as b
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.ids import Digest

from ..desk import Desk
from ..ports.devices import IncomingPage, MediaType, ScanInbox

PROOF = "result-proof"
"""What a proof is attached as; no material of any item is called so."""
_MAGIC = {
    b"\xff\xd8\xff": MediaType.JPEG,
    b"\x89PNG": MediaType.PNG,
    b"II*\x00": MediaType.TIFF,
    b"MM\x00*": MediaType.TIFF,
    b"%PDF": MediaType.PDF,
}


def keep_proof(desk: Desk, inbox: ScanInbox, page: IncomingPage) -> Digest:
    """Move a picture from the spool into the encrypted store and return its name."""
    sha256 = desk.blobs.put(inbox.read(page.sha256))
    inbox.release(page.sha256)
    return sha256


def kept_proof(desk: Desk, sha256: Digest) -> b.PagesAttached:
    """Return the fact that joins a kept picture to the case, so that it travels to the centre with it.

    Raises:
        Refused: ``delivery.proof-missing`` when this desk keeps no picture of that name.
    """
    if not desk.blobs.has(sha256):
        raise Refused("delivery.proof-missing", "data.proof")
    data = desk.blobs.get(sha256)
    media = next((kind for magic, kind in _MAGIC.items() if data.startswith(magic)), None)
    if media is None:
        raise Refused("delivery.proof-missing", "data.proof")
    return b.PagesAttached(material=PROOF, sha256=sha256, media_type=str(media), size=len(data))

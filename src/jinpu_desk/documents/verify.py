"""Is this paper genuine? Offline, from the replicas a desk trusts, without a database (DESIGN §7).

A file must be sealed as ``seal`` does and in no other way: everything but the signature value follows from
the file's own digest and the trusted certificate, so a file with any byte changed, added or cut off is refused.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from typing import Final, NamedTuple

from asn1crypto import cms
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from msgspec.structs import replace

from jinpu_desk.app.papers import Checked, Trust, TrustedReplica
from jinpu_desk.documents.raster import keywords
from jinpu_desk.documents.seal import DIGEST, build_cms, signed_attributes
from jinpu_desk.documents.statement import check_statement
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.ids import ReplicaId

MAX_BYTES: Final = 64 * 1024 * 1024
_PDF: Final = b"%PDF-"
_RANGE: Final = re.compile(rb"/ByteRange \[(\d{1,10}) (\d{1,10}) (\d{1,10}) (\d{1,10})\s*\]")
_ADDRESS: Final = re.compile(r"/p/\d+#J1\.")


Reading = Callable[[bytes], tuple[str, ...]]
"""Returns the texts of the QR codes in a picture that may be anybody's; see ``decoding.Decoder.codes``."""


def check(data: bytes, trust: Trust, reading: Reading) -> Checked:
    """Check a PDF or a picture, told apart by their first bytes; ``reading`` reads the QR codes of a picture."""
    return check_pdf(data, trust) if data.startswith(_PDF) else check_image(data, trust, reading)


def check_text(text: str, trust: Trust) -> Checked:
    """Check the text of a QR; codes as ``statement.check_statement``."""
    return check_statement(text, trust)


def check_image(data: bytes, trust: Trust, reading: Reading) -> Checked:
    """Check the QR in a PNG, JPEG, BMP or TIFF picture of a paper.

    Refused ``not-ours`` when it is no picture or its QR is another's, ``no-statement`` when no QR is found.
    """
    _check_size(data)
    try:
        found = reading(data)
    except Refused as error:
        if error.code == "documents.not-a-picture":
            raise Refused("documents.check.not-ours") from error
        raise
    if not found:
        raise Refused("documents.check.no-statement")
    ours = [text for text in found if _ADDRESS.search(text)]
    if not ours:
        raise Refused("documents.check.not-ours")
    return check_statement(ours[0], trust)


def check_pdf(data: bytes, trust: Trust) -> Checked:
    """Check a whole file: its seal first, then the statement it carries.

    Refused ``not-ours`` not a PDF, ``unsealed`` no seal, ``unknown-signer``, ``altered`` any byte is not what
    was sealed, ``forged`` a signature that the named replica did not make, ``no-statement``.
    """
    _check_size(data)
    if not data.startswith(_PDF):
        raise Refused("documents.check.not-ours")
    part = _find_seal(data)
    replica, known = _sealed_by(part.cms, trust)
    signature = _signature_value(part.cms)
    if build_cms(part.digest, known.certificate, signature) != part.cms:
        raise Refused("documents.check.altered")
    try:
        signed = signed_attributes(part.digest, known.certificate).dump()
        Ed25519PublicKey.from_public_bytes(known.public_key).verify(signature, signed)
    except InvalidSignature as error:
        raise Refused("documents.check.forged") from error
    checked = check_statement(_statement(data), trust)
    if known.revoked_on is not None and checked.replica != replica:
        # The statement's own replica is judged by the paper's day; a seal has only the time it claims.
        raise Refused("documents.check.revoked", replica=replica, day=known.revoked_on.isoformat())
    return replace(checked, whole_file=True)


class _Seal(NamedTuple):
    """The last seal of a file: its CMS, and the digest of everything else."""

    cms: bytes
    digest: bytes


def _find_seal(data: bytes) -> _Seal:
    """Return the last seal; it must cover the file to its last byte, and its hex must be spelt our way."""
    ranges = list(_RANGE.finditer(data))
    if not ranges:
        raise Refused("documents.check.unsealed")
    start, first, second, rest = (int(n) for n in ranges[-1].groups())
    gap = data[first:second]
    if start != 0 or second + rest != len(data) or gap[:1] != b"<" or gap[-1:] != b">":
        raise Refused("documents.check.altered")
    digest = hashlib.new(DIGEST, data[:first])
    digest.update(data[second:])
    try:
        content = bytes.fromhex(gap[1:-1].decode("ascii"))
    except ValueError as error:
        raise Refused("documents.check.altered") from error
    if content.hex().upper().encode() != gap[1:-1]:
        raise Refused("documents.check.altered")
    return _Seal(content, digest.digest())


def _sealed_by(content: bytes, trust: Trust) -> tuple[ReplicaId, TrustedReplica]:
    """Return the trusted replica whose certificate the CMS carries."""
    try:
        signed = cms.ContentInfo.load(content, strict=True)["content"]
        certificate = signed["certificates"][0].chosen
        name, der = certificate.subject.native["common_name"], certificate.dump()
    except (ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
        raise Refused("documents.check.altered") from error
    for replica, known in trust.items():
        # By the certificate itself: its name says nothing that anybody could not write.
        if known.certificate == der:
            return replica, known
    namesake = trust.get(ReplicaId(name)) if isinstance(name, str) else None
    if namesake is not None and namesake.certificate:
        raise Refused("documents.check.forged")
    raise Refused("documents.check.unknown-signer", replica=name)


def _signature_value(content: bytes) -> bytes:
    """Return the signature value; that the rest is as it must be is found by building it again."""
    try:
        value: bytes = cms.ContentInfo.load(content)["content"]["signer_infos"][0]["signature"].native
    except (ValueError, TypeError, KeyError, IndexError) as error:
        raise Refused("documents.check.altered") from error
    return value


def _statement(data: bytes) -> str:
    """Return the statement in the file's description; the seal vouches that it is the one printed."""
    text = keywords(data)
    if not text:
        raise Refused("documents.check.no-statement")
    return text


def _check_size(data: bytes) -> None:
    if len(data) > MAX_BYTES:
        raise Refused("documents.check.too-large", megabytes=MAX_BYTES // 2**20)

"""The signed statement in a paper's QR: ``{progress_url}/p/{case_no}#J1.{payload}.{signature}``.

The payload is a MessagePack array, both parts base64url without padding. The Ed25519 signature (RFC 8032) is
over the text before ``#`` and the payload, so that neither the address nor a fact can be exchanged. There is
one way to write a statement: any other spelling of the same bytes is refused.
"""

from __future__ import annotations

import base64
import re
import uuid
from collections.abc import Callable
from datetime import date

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from jinpu_desk.app.papers import Checked, PaperFacts, PaperKind, Signer, StatedFacts, Trust, facts_digest
from jinpu_desk.documents.values import issued_on
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.ids import Digest, ReplicaId

_MARK = "J1"
_DOMAIN = b"jinpu-desk paper statement J1\x00"
_FORM = re.compile(r"(https?://[^\s#]{1,120}/p/(\d{1,32}))#J1\.([A-Za-z0-9_-]{1,600})\.([A-Za-z0-9_-]{86})")
MAX_ITEM = 30
MAX_NAME = 24


class _Payload(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    case_no: str
    kind: PaperKind
    item: str
    applicant: str
    date: str
    digest: bytes
    replica: uuid.UUID
    seq: int


_ENCODER = msgspec.msgpack.Encoder(uuid_format="bytes")
_DECODER = msgspec.msgpack.Decoder(_Payload)


def make_statement(facts: PaperFacts, signer: Signer) -> str:
    """Return the QR's text for a paper; long item and applicant names are cut with an ellipsis."""
    if facts.replica != signer.replica:
        raise ValueError(f"facts of {facts.replica} cannot be stated by {signer.replica}")
    stated = StatedFacts(
        facts.case_no,
        facts.kind,
        facts.item_name or facts.item_key,
        facts.applicant.stated or facts.applicant.name,
        issued_on(facts),
        facts_digest(facts),
        facts.replica,
        facts.seq,
    )
    return state(stated, facts.progress_url, signer.sign)


def state(facts: StatedFacts, url: str, sign: Callable[[bytes], bytes]) -> str:
    """Return the QR's text that says ``facts``; ``sign`` is the Ed25519 signature of the replica they name."""
    payload = _ENCODER.encode(
        _Payload(
            facts.case_no,
            facts.kind,
            _short(facts.item, MAX_ITEM),
            _short(facts.applicant, MAX_NAME),
            facts.date.isoformat(),
            bytes.fromhex(facts.facts_digest),
            uuid.UUID(facts.replica),
            facts.seq,
        )
    )
    address = f"{url}/p/{facts.case_no}"
    return f"{address}#{_MARK}.{_b64(payload)}.{_b64(sign(_message(address, payload)))}"


def check_statement(text: str, trust: Trust) -> Checked:
    """Return what the statement says, or Refused with one of the codes of ``documents.check``.

    ``not-ours`` no statement of ours, ``altered`` its parts do not agree, ``unknown-signer`` a replica this
    desk does not know, ``revoked`` one revoked on or before the paper's day, ``forged`` a wrong signature.
    """
    found = _FORM.fullmatch(text.strip())
    if found is None:
        raise Refused("documents.check.not-ours")
    address, case_no, payload, signature = found[1], found[2], _unb64(found[3]), _unb64(found[4])
    facts = _facts(payload)
    if facts.case_no != case_no:
        raise Refused("documents.check.altered")
    known = trust.get(facts.replica)
    if known is None:
        raise Refused("documents.check.unknown-signer", replica=facts.replica)
    try:
        Ed25519PublicKey.from_public_bytes(known.public_key).verify(signature, _message(address, payload))
    except InvalidSignature as error:
        raise Refused("documents.check.forged") from error
    if known.revoked_on is not None and facts.date >= known.revoked_on:
        raise Refused("documents.check.revoked", replica=facts.replica, day=known.revoked_on.isoformat())
    return Checked(facts.case_no, facts.kind, facts.replica, facts, whole_file=False)


def _facts(payload: bytes) -> StatedFacts:
    try:
        said = _DECODER.decode(payload)
        day = date.fromisoformat(said.date)
    except (msgspec.MsgspecError, ValueError) as error:
        raise Refused("documents.check.altered") from error
    if _ENCODER.encode(said) != payload:
        raise Refused("documents.check.altered")
    replica = ReplicaId(str(said.replica))
    digest = Digest(said.digest.hex())
    return StatedFacts(said.case_no, said.kind, said.item, said.applicant, day, digest, replica, said.seq)


def _message(address: str, payload: bytes) -> bytes:
    return _DOMAIN + address.encode() + b"\x00" + payload


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _unb64(text: str) -> bytes:
    """Return the bytes, refusing a spelling that is not the one ``_b64`` gives."""
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError as error:
        raise Refused("documents.check.altered") from error
    if _b64(data) != text:
        raise Refused("documents.check.altered")
    return data

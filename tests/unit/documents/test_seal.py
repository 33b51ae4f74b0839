"""The seal on a whole file: nothing of it can be changed, in our eyes or in another reader's."""

from __future__ import annotations

import io
import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Protocol

import pytest
from asn1crypto import x509
from msgspec.structs import replace
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import SignatureCoverageLevel, validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from jinpu_desk.app.papers import RenderedPaper, ReprintMark, Signer, Trust, TrustedReplica
from jinpu_desk.documents import raster
from jinpu_desk.documents.shop import Documents
from jinpu_desk.domain.errors import Refused

SEALED_AT = datetime(2026, 11, 23, 6, 6, tzinfo=UTC)


class Window(Signer, Protocol):
    def trusted(self) -> TrustedReplica: ...


def code_of(documents: Documents, data: bytes, trust: Trust) -> str:
    with pytest.raises(Refused) as told:
        documents.check(data, trust)
    return told.value.code


def test_the_issued_bytes_stay_the_sealed_files_prefix(receipt: RenderedPaper, sealed: bytes) -> None:
    assert sealed.startswith(receipt.data)
    assert len(sealed) - len(receipt.data) < 8_000


def test_sealing_again_gives_the_same_bytes(
    documents: Documents, signer: Signer, receipt: RenderedPaper, sealed: bytes
) -> None:
    assert documents.seal(receipt.data, signer, SEALED_AT) == sealed
    assert documents.seal(receipt.data, signer, SEALED_AT + timedelta(minutes=1)) != sealed


def test_a_genuine_file_is_believed_as_a_whole(
    documents: Documents, receipt: RenderedPaper, sealed: bytes, trust: Trust
) -> None:
    checked = documents.check(sealed, trust)
    assert checked.ok
    assert checked.whole_file
    assert checked.facts.facts_digest == receipt.facts_digest


def test_an_independent_reader_finds_the_seal_intact_and_trusted(sealed: bytes, signer: Signer) -> None:
    assert independent(sealed, signer)


def test_a_sealed_paper_looks_and_reads_as_the_issued_one(receipt: RenderedPaper, sealed: bytes) -> None:
    issued, kept = (
        [page.tobytes() for page in raster.page_pictures(data, 72)] for data in (receipt.data, sealed)
    )
    assert issued == kept


def test_no_byte_of_the_seal_can_be_changed(
    documents: Documents, receipt: RenderedPaper, sealed: bytes, trust: Trust
) -> None:
    """Every byte after the issued ones, one bit each, seeded."""
    dice = random.Random(20261123)
    survived = [
        at
        for at in range(len(receipt.data), len(sealed))
        if believed(documents, flipped(sealed, at, 1 << dice.randrange(8)), trust)
    ]
    assert survived == []


def test_no_byte_of_the_paper_can_be_changed(
    documents: Documents, receipt: RenderedPaper, sealed: bytes, trust: Trust
) -> None:
    dice = random.Random(20261124)
    places = dice.sample(range(len(receipt.data)), 400)
    survived = [
        at for at in places if believed(documents, flipped(sealed, at, 1 << dice.randrange(8)), trust)
    ]
    assert survived == []


def test_hex_letters_have_one_case(documents: Documents, signer: Signer, sealed: bytes, trust: Trust) -> None:
    start = sealed.rindex(b"/Contents <") + len(b"/Contents <")
    end = sealed.index(b">", start)
    lower = sealed[:start] + sealed[start:end].lower() + sealed[end:]
    assert independent(lower, signer)  # an ordinary validator sees no difference
    assert code_of(documents, lower, trust) == "documents.check.altered"


@pytest.mark.parametrize("tail", [b"\n", b" ", b"\0", b"%%EOF\n", b"%x"])
def test_nothing_can_be_appended(documents: Documents, sealed: bytes, trust: Trust, tail: bytes) -> None:
    assert code_of(documents, sealed + tail, trust) == "documents.check.altered"


def test_nothing_can_be_cut_off(
    documents: Documents, receipt: RenderedPaper, sealed: bytes, trust: Trust
) -> None:
    told = Counter(
        code_of(documents, sealed[:length], trust) for length in range(len(receipt.data) - 5, len(sealed), 37)
    )
    assert set(told) <= {"documents.check.altered", "documents.check.unsealed"}
    assert code_of(documents, receipt.data, trust) == "documents.check.unsealed"


def test_a_page_added_by_another_program_is_refused(
    documents: Documents, sealed: bytes, trust: Trust
) -> None:
    """An incremental update is how files are edited; the earlier seal is still valid in it."""
    mark = ReprintMark(1, SEALED_AT, "演示员")
    assert code_of(documents, documents.reprint(sealed, mark), trust) == "documents.check.altered"


def test_strangers_are_told_apart(
    documents: Documents, receipt: RenderedPaper, sealed: bytes, stranger: Signer, trust: Trust
) -> None:
    assert code_of(documents, sealed, {}) == "documents.check.unknown-signer"
    keys_only = {replica: replace(known, certificate=b"") for replica, known in trust.items()}
    assert code_of(documents, sealed, keys_only) == "documents.check.unknown-signer"
    forged = documents.seal(receipt.data, stranger, SEALED_AT)
    assert code_of(documents, forged, trust) == "documents.check.forged"


def test_a_stolen_certificate_without_its_key_is_refused(
    documents: Documents, receipt: RenderedPaper, signer: Signer, stranger: Signer, trust: Trust
) -> None:
    class Thief:
        replica = signer.replica
        certificate = signer.certificate

        def sign(self, message: bytes) -> bytes:
            return stranger.sign(message)

    stolen = documents.seal(receipt.data, Thief(), SEALED_AT)
    assert code_of(documents, stolen, trust) == "documents.check.forged"


def test_a_revoked_window_cannot_seal_anothers_paper(
    documents: Documents, receipt: RenderedPaper, signer: Signer, second: Window, trust: Trust
) -> None:
    both = {**trust, second.replica: second.trusted()}
    resealed = documents.seal(receipt.data, second, SEALED_AT)
    assert documents.check(resealed, both).replica == signer.replica
    gone = {**both, second.replica: replace(both[second.replica], revoked_on=date(2026, 12, 1))}
    assert code_of(documents, resealed, gone) == "documents.check.revoked"


def test_what_is_no_paper_is_not_sealed(documents: Documents, signer: Signer) -> None:
    for data in (b"", b"hello", b"%PDF-1.7\nnothing"):
        with pytest.raises(Refused) as told:
            documents.seal(data, signer, SEALED_AT)
        assert told.value.code == "documents.not-a-paper"


def flipped(data: bytes, at: int, bit: int) -> bytes:
    return data[:at] + bytes([data[at] ^ bit]) + data[at + 1 :]


def believed(documents: Documents, data: bytes, trust: Trust) -> bool:
    try:
        documents.check(data, trust)
    except Refused:
        return False
    return True


def independent(data: bytes, signer: Signer) -> bool:
    """Ask pyHanko's own validator, without a network, whether the seal is intact, trusted and covers the file."""
    (found,) = PdfFileReader(io.BytesIO(data)).embedded_signatures
    roots = [x509.Certificate.load(signer.certificate)]
    status = validate_pdf_signature(
        found, ValidationContext(trust_roots=roots, allow_fetching=False, moment=SEALED_AT)
    )
    return bool(status.bottom_line) and status.coverage == SignatureCoverageLevel.ENTIRE_FILE


def test_no_addition_says_the_time_of_day(
    documents: Documents, receipt: RenderedPaper, sealed: bytes
) -> None:
    """What is added depends on its arguments alone: pyHanko would write when it ran."""
    marked = documents.reprint(receipt.data, ReprintMark(1, SEALED_AT, "演示员"))
    for file in (sealed, marked):
        assert b"ModDate" not in file[len(receipt.data) :]

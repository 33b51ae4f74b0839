"""How long a receipt takes, against a bare reportlab page of the same text in the same run (DESIGN §10)."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import msgspec
import pypdfium2
import pypdfium2.raw as pdfium_c
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec.structs import replace
from reportlab.graphics import renderPDF
from reportlab.graphics.barcode.code128 import Code128
from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from jinpu_desk.app.papers import PaperFacts, ReprintMark, TrustedReplica
from jinpu_desk.documents.seal import make_certificate
from jinpu_desk.documents.shop import Documents
from jinpu_desk.domain.ids import ReplicaId

pytestmark = pytest.mark.bench

ROOT = Path(__file__).parents[2]
ROUNDS = 40
BUDGET = 1.5


class WindowKey:
    """A window's signer with a fixed key."""

    replica = ReplicaId("0193f3a0-0000-7000-8000-000000000001")

    def __init__(self) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(bytes(32))
        since, until = datetime(2026, 1, 1, tzinfo=UTC), datetime(2046, 1, 1, tzinfo=UTC)
        self.certificate = make_certificate(self._key, self.replica, since, until)
        self.trusted = TrustedReplica(self._key.public_key().public_bytes_raw(), self.certificate)

    def sign(self, message: bytes) -> bytes:
        return self._key.sign(message)


def milliseconds(*jobs: Callable[[], object]) -> list[float]:
    """Return the least processor time of each job, taking turns: what other programs do is not counted."""
    times: list[list[float]] = [[] for _ in jobs]
    for _ in range(ROUNDS):
        for job, taken in zip(jobs, times, strict=True):
            start = time.process_time()
            job()
            taken.append((time.process_time() - start) * 1000)
    return [min(taken) for taken in times]


@pytest.fixture(scope="module")
def facts() -> PaperFacts:
    path = ROOT / "tests" / "golden" / "documents" / "d1-licence.facts.json"
    return replace(msgspec.json.decode(path.read_bytes(), type=PaperFacts), copies=("第一联 申请人",))


@pytest.fixture(scope="module")
def room() -> Documents:
    made = Documents(ROOT / "resources")
    made.warm()
    return made


class Piece(NamedTuple):
    """A piece of text on the receipt: its face, place and size."""

    font: str
    x: float
    y: float
    text: str


def pieces(page: pypdfium2.PdfPage) -> list[Piece]:
    """Return the text of a page, a piece for each line of each face, where it stands."""
    found = []
    read = page.get_textpage()
    for part in page.get_objects(filter=[pdfium_c.FPDF_PAGEOBJ_TEXT], max_depth=4, textpage=read):
        left, bottom, _, _ = part.get_bounds()
        font = "bare-bold" if "Bold" in part.get_font().get_base_name() else "bare"
        found.append(Piece(font, left, bottom, part.extract()))
    return found


def bare_page(text: list[Piece], codes: tuple[str, str] | None = None) -> bytes:
    """Draw the text, and the Code 128 and QR when given, with reportlab's own means, as anybody would."""
    out = io.BytesIO()
    canvas = Canvas(out, pageCompression=1)
    for piece in text:
        canvas.setFont(piece.font, 10.5)
        canvas.drawString(piece.x, piece.y, piece.text)
    if codes:
        Code128(codes[0], barHeight=31, barWidth=0.96).drawOn(canvas, 60, 780)
        drawing = Drawing(80, 80)
        drawing.add(QrCodeWidget(codes[1], barLevel="M", barWidth=80, barHeight=80))
        renderPDF.draw(drawing, canvas, 440, 740)
    canvas.save()
    return out.getvalue()


def test_a_receipt_against_a_bare_page(room: Documents, facts: PaperFacts) -> None:
    """Peers: the same text in the same faces, without rules, codes or signature; and the same with both codes.

    The budget is against the first, which draws no QR: that alone takes 2 ms of ours. Only the second peer does
    the same work.
    """
    key = WindowKey()
    paper = room.render(facts, key)
    with pypdfium2.PdfDocument(paper.data) as document:
        text = pieces(document[0])
    for name, file in (("bare", "NotoSerifSC-Regular.ttf"), ("bare-bold", "NotoSerifSC-Bold.ttf")):
        pdfmetrics.registerFont(TTFont(name, str(ROOT / "resources" / "fonts" / file)))
    codes = (facts.case_no, paper.statement)
    ours, bare, same = milliseconds(
        lambda: room.render(facts, key), lambda: bare_page(text), lambda: bare_page(text, codes)
    )
    print(
        f"\nreceipt {ours:.1f} ms; bare reportlab page of its text {bare:.1f} ms,"
        f" ratio {ours / bare:.2f} (DESIGN §10: {BUDGET}); of its text and both codes {same:.1f} ms,"
        f" ratio {ours / same:.2f}"
    )
    assert room.render(facts, key).sha256 == paper.sha256


def test_what_comes_after_printing(room: Documents, facts: PaperFacts) -> None:
    key, at = WindowKey(), datetime(2026, 11, 23, tzinfo=UTC)
    paper = room.render(facts, key)
    sealed = room.seal(paper.data, key, at)
    mark = ReprintMark(1, at, "演示员")
    trust = {key.replica: key.trusted}
    took = milliseconds(
        lambda: room.seal(paper.data, key, at),
        lambda: room.reprint(paper.data, mark),
        lambda: room.check(sealed, trust),
        lambda: room.check_text(paper.statement, trust),
        lambda: room.page_png(paper.data, 0, 100),
    )
    names = ("seal", "reprint", "check file", "check text", "preview at 100 dpi")
    print("\n" + ", ".join(f"{name} {ms:.1f} ms" for name, ms in zip(names, took, strict=True)))
    assert room.check(sealed, trust).whole_file

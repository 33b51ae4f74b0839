"""Files of others, opened in a process of their own: small pictures, pages, codes, and what hostile ones do."""

from __future__ import annotations

import io
import os
import struct
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from jinpu_desk.app.papers import RenderedPaper
from jinpu_desk.documents.decoding import MIB, Decoder, DecodingLimits
from jinpu_desk.domain.errors import Refused


@pytest.fixture(scope="module")
def decoder() -> Iterator[Decoder]:
    made = Decoder()
    yield made
    made.close()


def picture(kind: str, size: tuple[int, int] = (1200, 800)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "white").save(out, kind)
    return out.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_picture_shrinks_to_the_width_asked_for(decoder: Decoder, kind: str) -> None:
    small = Image.open(io.BytesIO(decoder.thumbnail(picture(kind), 120)))
    assert (small.format, small.size) == ("PNG", (120, 80))


def test_a_pdf_shows_its_pages_and_counts_them(decoder: Decoder, receipt: RenderedPaper) -> None:
    assert decoder.page_count(receipt.data) == receipt.pages
    assert Image.open(io.BytesIO(decoder.thumbnail(receipt.data, 120))).width == 120
    page = Image.open(io.BytesIO(decoder.page_png(receipt.data, 0, 72)))
    assert (page.format, page.size) == ("PNG", (596, 842))
    assert page.convert("L").getextrema() == (0, 255)
    with pytest.raises(Refused) as told:
        decoder.page_png(receipt.data, receipt.pages, 72)
    assert told.value.code == "documents.not-a-paper"


@pytest.mark.parametrize("data", [b"", b"hello", b"\x89PNG\r\n\x1a\n broken"])
def test_what_is_no_picture_is_refused(decoder: Decoder, data: bytes) -> None:
    for ask in (lambda: decoder.thumbnail(data, 120), lambda: decoder.codes(data)):
        with pytest.raises(Refused) as told:
            ask()
        assert told.value.code == "documents.not-a-picture"


def test_a_broken_pdf_and_a_monstrous_page_are_refused(decoder: Decoder) -> None:
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(14_000, 14_000))
    canvas.showPage()
    canvas.save()
    for data, code in ((b"%PDF-1.7 nothing", "not-a-paper"), (out.getvalue(), "page-too-large")):
        with pytest.raises(Refused) as told:
            decoder.page_png(data, 0, 600)
        assert told.value.code == f"documents.{code}"


def bomb(side: int) -> bytes:
    """A PNG of a few kilobytes that says it holds ``side``² pixels, and does."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    packer = zlib.compressobj(9)
    rows = b"".join(packer.compress(bytes(side // 8 + 1)) for _ in range(side)) + packer.flush()
    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def test_a_picture_that_unpacks_to_more_than_is_allowed_is_refused(decoder: Decoder) -> None:
    data = bomb(16_000)
    assert len(data) < MIB
    with pytest.raises(Refused) as told:
        decoder.thumbnail(data, 120)
    assert told.value.code == "documents.too-costly"
    assert decoder.thumbnail(picture("PNG"), 60)


def test_a_file_that_outlasts_its_worker_costs_only_the_worker() -> None:
    hasty = Decoder(DecodingLimits(max_seconds=0))
    with pytest.raises(Refused) as told:
        hasty.thumbnail(picture("PNG", (4000, 4000)), 120)
    assert told.value.code == "documents.too-costly"
    hasty.close()


def test_a_worker_that_dies_is_replaced(decoder: Decoder) -> None:
    decoder.thumbnail(picture("PNG"), 60)
    before = decoder.worker_id
    assert before is not None
    os.kill(before, 9)
    assert decoder.thumbnail(picture("PNG"), 60)
    assert decoder.worker_id not in {None, before}


@pytest.mark.skipif(not Path("/proc").exists(), reason="reads a process's environment from /proc")
def test_a_worker_knows_no_password(decoder: Decoder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JINPU_PASSWORD", "演示口令")
    fresh = Decoder()
    fresh.thumbnail(picture("PNG"), 60)
    environment = Path(f"/proc/{fresh.worker_id}/environ").read_bytes()
    fresh.close()
    assert b"JINPU" not in environment
    assert b"PATH=" in environment


def test_several_threads_take_turns(decoder: Decoder, receipt: RenderedPaper) -> None:
    expected = decoder.page_png(receipt.data, 0, 40)
    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(lambda _: decoder.page_png(receipt.data, 0, 40) == expected, range(24)))

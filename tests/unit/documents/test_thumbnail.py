"""Small pictures of scans and papers."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from jinpu_desk.app.papers import RenderedPaper
from jinpu_desk.documents.thumbnail import page_count, thumbnail
from jinpu_desk.domain.errors import Refused


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_picture_shrinks_to_the_width_asked_for(kind: str) -> None:
    out = io.BytesIO()
    Image.new("RGB", (1200, 800), "white").save(out, kind)
    small = Image.open(io.BytesIO(thumbnail(out.getvalue(), 120)))
    assert (small.format, small.size) == ("PNG", (120, 80))


def test_a_pdf_shows_its_first_page_and_counts_all(receipt: RenderedPaper) -> None:
    assert page_count(receipt.data) == receipt.pages
    small = Image.open(io.BytesIO(thumbnail(receipt.data, 120)))
    assert small.width == 120
    assert small.height > small.width


@pytest.mark.parametrize("data", [b"", b"hello", b"\x89PNG\r\n\x1a\n broken"])
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises(Refused) as told:
        thumbnail(data, 120)
    assert told.value.code == "documents.not-a-picture"


def test_a_broken_pdf_is_refused() -> None:
    with pytest.raises(Refused):
        thumbnail(b"%PDF-1.7 nothing", 120)
    with pytest.raises(Refused):
        page_count(b"%PDF-1.7 nothing")

"""Reprints: the mark is added, and what was issued stays as it was, byte for byte and dot for dot."""

from __future__ import annotations

from datetime import UTC, datetime

import pypdfium2
import pytest

from jinpu_desk.app.papers import RenderedPaper, ReprintMark, Signer, Trust
from jinpu_desk.documents.raster import page_pictures
from jinpu_desk.documents.shop import Documents
from jinpu_desk.domain.errors import Refused

MARK = ReprintMark(2, datetime(2026, 11, 25, 2, 5, tzinfo=UTC), "演示员𠮷")
SENTENCE = "补打第 2 次 · 2026年11月25日 10:05 · 演示员𠮷"


def test_the_issued_bytes_stay_the_prefix_and_the_mark_is_on_every_page(
    documents: Documents, receipt: RenderedPaper
) -> None:
    again = documents.reprint(receipt.data, MARK)
    assert again.startswith(receipt.data)
    pages = [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(again)]
    assert len(pages) == receipt.pages
    assert all(SENTENCE in page for page in pages)


def test_the_same_mark_gives_the_same_bytes(documents: Documents, receipt: RenderedPaper) -> None:
    assert documents.reprint(receipt.data, MARK) == documents.reprint(receipt.data, MARK)


def test_nothing_but_the_mark_is_drawn(documents: Documents, receipt: RenderedPaper) -> None:
    dpi = 72
    before = list(page_pictures(receipt.data, dpi))
    after = list(page_pictures(documents.reprint(receipt.data, MARK), dpi))
    for one, other in zip(before, after, strict=True):
        above = (0, 0, one.width, one.height - 60)
        assert one.crop(above).tobytes() == other.crop(above).tobytes()
        assert one.tobytes() != other.tobytes()


def test_a_reprint_sealed_again_is_believed(
    documents: Documents, receipt: RenderedPaper, sealed: bytes, signer: Signer, trust: Trust
) -> None:
    for issued in (receipt.data, sealed):
        again = documents.seal(documents.reprint(issued, MARK), signer, MARK.at)
        checked = documents.check(again, trust)
        assert checked.whole_file
        assert checked.facts.facts_digest == receipt.facts_digest


def test_what_is_no_paper_is_not_marked(documents: Documents) -> None:
    with pytest.raises(Refused):
        documents.reprint(b"hello", MARK)

"""Pictures of papers: a photographed or scanned QR is believed for what it says, anything else refused."""

from __future__ import annotations

import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import segno
from PIL import Image

from jinpu_desk.app.papers import PaperFacts, RenderedPaper, Signer, Trust
from jinpu_desk.documents import verify
from jinpu_desk.documents.raster import page_pictures
from jinpu_desk.documents.shop import Documents
from jinpu_desk.domain.errors import Refused


def saved(picture: Image.Image, kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    picture.save(out, kind)
    return out.getvalue()


def code_of(documents: Documents, data: bytes, trust: Trust) -> str:
    with pytest.raises(Refused) as told:
        documents.check(data, trust)
    return told.value.code


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
@pytest.mark.parametrize("turned", [0, 90, 180, 3])
def test_a_200_dpi_scan_is_believed_for_its_facts(
    kind: str, turned: int, documents: Documents, receipt: RenderedPaper, trust: Trust
) -> None:
    page = next(page_pictures(receipt.data, 200)).rotate(turned, expand=True, fillcolor="white")
    checked = documents.check(saved(page, kind), trust)
    assert checked.ok
    assert not checked.whole_file
    assert checked.facts.facts_digest == receipt.facts_digest


def test_a_page_without_a_code_and_one_with_anothers_are_told_apart(
    documents: Documents, trust: Trust
) -> None:
    assert code_of(documents, saved(Image.new("RGB", (400, 400), "white")), trust) == (
        "documents.check.no-statement"
    )
    out = io.BytesIO()
    segno.make_qr("https://example.org/p/1").save(out, kind="png", scale=5)
    assert code_of(documents, out.getvalue(), trust) == "documents.check.not-ours"


@pytest.mark.parametrize(
    "data", [b"", b"GIF89a", b"\x89PNG\r\n\x1a\n broken", b"\xff\xd8\xff\xe0 broken", b"hello"]
)
def test_what_is_no_picture_is_refused(data: bytes, documents: Documents, trust: Trust) -> None:
    assert code_of(documents, data, trust) == "documents.check.not-ours"


def test_huge_files_are_refused_before_they_are_opened(
    documents: Documents, trust: Trust, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verify, "MAX_BYTES", 10)
    assert code_of(documents, b"%PDF-1.7 0123456789", trust) == "documents.check.too-large"


def test_several_threads_render_check_and_look_at_once(
    documents: Documents, signer: Signer, facts: Callable[[str], PaperFacts], sealed: bytes, trust: Trust
) -> None:
    names = ["d1-licence", "d2-licence", "d7-registered-registration", "d13-licence"]
    expected = [documents.render(facts(name), signer).sha256 for name in names]

    def work(turn: int) -> bool:
        paper = documents.render(facts(names[turn % 4]), signer)
        looked = documents.page_png(paper.data, 0, 40)
        return paper.sha256 == expected[turn % 4] and bool(looked) and documents.check(sealed, trust).ok

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(work, range(24)))

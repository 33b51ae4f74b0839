"""Sheets other than A4: the roll is as long as its text, a label is one label, and both can be reprinted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pypdfium2
import pytest
from msgspec.structs import replace

from jinpu_desk.app.papers import MaterialLine, PaperFacts, Party, ReprintMark, Signer, Trust
from jinpu_desk.documents.raster import page_pictures
from jinpu_desk.documents.shop import Documents

Reader = Callable[[str], PaperFacts]
MARK = ReprintMark(2, datetime(2026, 11, 25, 2, 5, tzinfo=UTC), "演示员𠮷")
MM = 72 / 25.4


def sizes(data: bytes) -> list[tuple[float, float]]:
    return [page.get_size() for page in pypdfium2.PdfDocument(data)]


def text(data: bytes) -> str:
    return "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(data))


def lines(count: int) -> tuple[MaterialLine, ...]:
    return tuple(
        MaterialLine(key=f"m{n}", name=f"演示材料{n}", medium="原件", copies=1) for n in range(count)
    )


@pytest.mark.parametrize("count", [1, 30, 150])
def test_a_roll_is_one_page_as_long_as_its_text(
    count: int, documents: Documents, signer: Signer, facts: Reader
) -> None:
    said = replace(facts("d1-thermal-licence"), materials=lines(count))
    (size,) = sizes(documents.render(said, signer).data)
    assert size[0] == pytest.approx(80 * MM, abs=0.1)
    more = replace(said, materials=lines(count + 1))
    (longer,) = sizes(documents.render(more, signer).data)
    assert 10 < longer[1] - size[1] < 30
    assert f"演示材料{count - 1}" in text(documents.render(said, signer).data)


def test_nothing_is_set_into_the_margins_of_a_roll(
    documents: Documents, signer: Signer, facts: Reader
) -> None:
    for name in ("d1-thermal-licence", "x-thirty-thermal", "x-long-thermal"):
        page = next(page_pictures(documents.render(facts(name), signer).data, 100)).convert("L")
        edge = round(3.8 / 25.4 * 100)
        for box in ((0, 0, edge, page.height), (page.width - edge, 0, page.width, page.height)):
            assert page.crop(box).getextrema() == (255, 255), name


@pytest.mark.parametrize(
    ("name", "wide", "high"), [("d16-label-licence", 60, 40), ("d16-ems-licence", 100, 150)]
)
def test_labels_have_their_own_size(
    name: str, wide: int, high: int, documents: Documents, signer: Signer, facts: Reader
) -> None:
    (size,) = sizes(documents.render(facts(name), signer).data)
    assert size == pytest.approx((wide * MM, high * MM), abs=0.1)


@pytest.mark.parametrize("length", [2, 20, 60, 300])
def test_a_long_name_never_takes_a_second_label(
    length: int, documents: Documents, signer: Signer, facts: Reader
) -> None:
    label = replace(facts("d16-label-licence"), applicant=Party(name="演" * length), item_name="示" * length)
    paper = documents.render(label, signer)
    assert paper.pages == 1
    assert ("…" in text(paper.data)) is (length > 40)
    waybill = facts("d16-ems-licence")
    far = {**waybill.blanks, "recipient_address": "演" * length, "contents": "示" * min(length, 60)}
    assert documents.render(replace(waybill, blanks=far), signer).pages == 1


@pytest.mark.parametrize(
    "name", ["d1-thermal-licence", "d16-label-licence", "x-long-label", "d16-ems-licence"]
)
def test_a_reprint_is_marked_within_the_lower_margin(
    name: str, documents: Documents, signer: Signer, trust: Trust, facts: Reader
) -> None:
    issued = documents.render(facts(name), signer).data
    again = documents.reprint(issued, MARK)
    assert again.startswith(issued)
    assert "补打第 2 次 · 2026年11月25日 10:05 · 演示员𠮷" in text(again)
    before, after = (next(page_pictures(data, 200)) for data in (issued, again))
    above = (0, 0, before.width, before.height - round(6.5 / 25.4 * 200))
    assert before.crop(above).tobytes() == after.crop(above).tobytes()
    assert documents.check(documents.seal(again, signer, MARK.at), trust).whole_file

"""Set text: nothing lost, nothing too wide, no line of a lone character, no short table in two pieces."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec
import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from jinpu_desk.app.papers import PaperFacts, Signer
from jinpu_desk.documents.fonts import FontShelf, Weight
from jinpu_desk.documents.ink import Fragment, Text
from jinpu_desk.documents.layout import SheetName
from jinpu_desk.documents.layouts import load_layouts
from jinpu_desk.documents.shop import Documents
from jinpu_desk.documents.typesetter import Typesetter

Reader = Callable[[str], PaperFacts]
ROOT = Path(__file__).parents[3]
COMMON = load_layouts(ROOT / "resources" / "documents").common
FACTS = msgspec.json.decode(
    (ROOT / "tests/golden/documents/d1-licence.facts.json").read_bytes(), type=PaperFacts
)
SHELF = FontShelf(ROOT / "resources" / "fonts")
NAMES = st.text(alphabet="大连金普新区演示（有限）公司·一二三AB 12𬬻", min_size=1, max_size=120).filter(
    lambda text: text == text.strip()
)


def setter(sheet: SheetName) -> Typesetter:
    return Typesetter(SHELF, COMMON.sheets[sheet], COMMON.words, FACTS, {})


def written(fragments: Iterable[Fragment]) -> list[str]:
    """Return the text of each fragment."""
    lines = ([ink for ink in fragment.ink if isinstance(ink, Text)] for fragment in fragments)
    return ["".join(run.text for text in line for run in text.runs) for line in lines]


@given(st.integers(40, 400))
def test_a_paragraph_does_not_end_in_a_lone_character(count: int) -> None:
    lines = written(setter(SheetName.A4).paragraph("字" * count + "。"))
    assert "".join(lines) == "\u3000\u3000" + "字" * count + "。"
    assert len(lines[-1]) > 2


@given(NAMES)
def test_centred_lines_lose_nothing_and_fit(name: str) -> None:
    on = setter(SheetName.ROLL)
    lines = on.balanced(name, on.width, Weight.BOLD, 9)
    assert len(lines) == len(on.lines(name, on.width, Weight.BOLD, 9))
    assert "".join(lines).replace(" ", "") == name.replace(" ", "")
    assert all(on.wide(line, Weight.BOLD, 9) <= on.width for line in lines)


def test_centred_lines_are_about_equally_long() -> None:
    on = setter(SheetName.ROLL)
    first, second = on.balanced("演" * 26, on.width, Weight.BOLD, 9)
    assert abs(len(first) - len(second)) <= 1


@given(NAMES, st.integers(1, 3))
def test_what_must_fit_fits_and_says_so_when_it_is_cut(name: str, most: int) -> None:
    on = setter(SheetName.LABEL)
    fragments = list(on.fitted(name, 10, 7, most, Weight.BODY))
    lines = written(fragments)
    assert len(lines) <= most
    said = "".join(lines).replace(" ", "")
    if said.endswith("…"):
        assert name.replace(" ", "").startswith(said[:-1])
        assert len(on.lines(name, on.width, Weight.BODY, 7)) > most
    else:
        assert said == name.replace(" ", "")


@pytest.mark.parametrize("held", range(30))
def test_a_short_table_is_not_parted(held: int, documents: Documents, signer: Signer, facts: Reader) -> None:
    said = facts("d15-shift-licence")
    rows = tuple((f"2102130300220261123{n:05}", "演示事项", "已受理", "1") for n in range(held))
    paper = documents.render(replace(said, tables={**said.tables, "held": rows}), signer)
    pages = [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(paper.data)]
    (page,) = [page for page in pages if "四、印章" in page]
    assert all(row[0] in page for row in said.tables["stock"])

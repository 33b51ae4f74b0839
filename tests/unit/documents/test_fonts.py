"""The bundled faces cover GB 18030-2022, and rare characters survive in the PDF."""

from __future__ import annotations

import io
import tomllib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pypdfium2
import pytest
from fontTools.ttLib import TTFont
from msgspec.structs import replace
from pyhanko.pdf_utils.reader import PdfFileReader

from jinpu_desk.app.papers import PaperFacts, Signer
from jinpu_desk.documents.embed import PaperFont
from jinpu_desk.documents.fonts import FontShelf, Run, Weight
from jinpu_desk.documents.raster import page_pictures
from jinpu_desk.documents.shop import Documents
from jinpu_desk.domain.errors import Unavailable

RARE = "𬬻𫖯䶮𠮷"
HAN_OF_LEVEL_3 = 87_887
"""GB 18030-2022's own count of Han characters."""
PRIVATE_USE = range(0xE000, 0xF900)


@pytest.fixture(scope="module")
def repertoire(resources: Path) -> dict[str, list[dict[str, str]]]:
    return tomllib.loads((resources / "fonts" / "gb18030-2022.toml").read_text("utf-8"))


def spans(rows: list[dict[str, str]]) -> Iterator[int]:
    for row in rows:
        yield from range(int(row["first"], 16), int(row["last"], 16) + 1)


def two_byte_symbols() -> set[int]:
    """The symbol rows of the two-byte area, as the codec of this Python has them."""
    rows = [(high, low) for high in range(0xA1, 0xAA) for low in range(0xA1, 0xFF)]
    rows += [(high, low) for high in (0xA8, 0xA9) for low in range(0x40, 0xA1) if low != 0x7F]
    text = "".join(bytes(row).decode("gb18030", "ignore") for row in rows)
    return {ord(c) for c in text if ord(c) not in PRIVATE_USE and ord(c) >= 0x80}


@pytest.fixture(scope="module")
def covered(resources: Path) -> dict[str, set[int]]:
    found = {}
    for path in (resources / "fonts").glob("*.ttf"):
        with TTFont(path, lazy=True) as font:
            found[path.stem] = set(font.getBestCmap())
    return found


def test_documents_lack_no_character_of_gb18030_2022(
    repertoire: dict[str, list[dict[str, str]]], covered: dict[str, set[int]]
) -> None:
    compatibility = {int(c, 16) for c in repertoire["compatibility"]["han"]}  # type: ignore[call-overload]
    han = set(spans(repertoire["han"])) | compatibility
    assert len(han) == HAN_OF_LEVEL_3
    wanted = han | set(spans(repertoire["symbols"])) | two_byte_symbols()
    missing = wanted - covered["NotoSerifSC-Regular"] - covered["JinpuRareHan"]
    assert not missing, sorted(map(hex, missing))[:20]


def test_the_screen_has_every_han_of_the_first_plane_that_names_use(covered: dict[str, set[int]]) -> None:
    everyday = set(range(0x4E00, 0x9FA6))
    assert everyday <= covered["NotoSansSC-Regular"]
    gb2312 = {
        ord(c)
        for high in range(0xB0, 0xF8)
        for low in range(0xA1, 0xFF)
        for c in bytes((high, low)).decode("gb2312", "ignore")
    }
    assert gb2312 <= covered["NotoSansSC-SemiBold"]
    assert gb2312 <= covered["NotoSerifSC-Bold"]


def test_fonts_stay_within_their_budget_and_name_their_licences(resources: Path) -> None:
    folder = resources / "fonts"
    assert sum(p.stat().st_size for p in folder.glob("*.ttf")) <= 60_000_000
    readme = (folder / "README.md").read_text("utf-8")
    for path in folder.glob("*.ttf"):
        assert path.name in readme
    for path in (*folder.glob("OFL-*.txt"), *folder.glob("LICENSE-*.txt")):
        assert path.name in readme


def test_runs_split_only_where_a_face_lacks_a_character(resources: Path) -> None:
    shelf = FontShelf(resources / "fonts")
    assert shelf.runs("王䶮𠮷龙", Weight.BODY) == [
        Run("jinpu-body", "王䶮"),
        Run("jinpu-rare", "𠮷"),
        Run("jinpu-body", "龙"),
    ]
    assert shelf.runs("", Weight.BODY) == []
    assert shelf.runs("王䶮", Weight.BOLD) == [Run("jinpu-bold", "王"), Run("jinpu-body", "䶮")]
    assert shelf.width("王𠮷", Weight.BODY, 10) == pytest.approx(20)
    assert shelf.unprintable("王𠮷\U000f0000王\U000f0000") == "\U000f0000"


def test_a_missing_font_is_unavailable_not_a_crash(tmp_path: Path) -> None:
    with pytest.raises(Unavailable) as told:
        FontShelf(tmp_path).face("jinpu-body")
    assert told.value.code == "documents.font-missing"
    (tmp_path / "NotoSerifSC-Regular.ttf").write_bytes(b"no font")
    with pytest.raises(Unavailable):
        FontShelf(tmp_path).face("jinpu-body")


def test_a_face_read_by_two_threads_at_once_is_one_face(resources: Path) -> None:
    """Otherwise a paper issued while the faces are read in the background would be set in two of one name."""
    shelf, together = FontShelf(resources / "fonts"), Barrier(2)

    def ask() -> PaperFont:
        together.wait()
        return shelf.face("jinpu-bold")

    with ThreadPoolExecutor(2) as threads:
        one, other = threads.submit(ask), threads.submit(ask)
    assert one.result() is other.result()


def test_rare_characters_can_be_taken_out_again(
    documents: Documents, signer: Signer, facts: Callable[[str], PaperFacts]
) -> None:
    said = facts("d1-licence")
    paper = documents.render(replace(said, applicant=replace(said.applicant, name=f"王{RARE}")), signer)
    text = pypdfium2.PdfDocument(paper.data)[0].get_textpage().get_text_range()
    assert f"王{RARE}" in text


@pytest.mark.parametrize("char", RARE)
def test_rare_characters_leave_ink(
    char: str, documents: Documents, signer: Signer, facts: Callable[[str], PaperFacts]
) -> None:
    """The page with the name differs from the page with a blank name, and not as an empty box does."""
    said = replace(facts("d1-filing"), replica=signer.replica)

    def picture(name: str) -> bytes:
        paper = documents.render(replace(said, applicant=replace(said.applicant, name=name)), signer)
        page = next(page_pictures(paper.data, 100))
        # the applicant's cell of the common block, away from QR and footer, which change with the facts
        return page.crop((150, 240, 420, 275)).tobytes()

    assert len({picture(char), picture("\u3000"), picture("\U000f0000")}) == 3


def test_each_face_is_embedded_once_with_its_way_back_to_unicode(
    documents: Documents, signer: Signer, facts: Callable[[str], PaperFacts]
) -> None:
    paper = documents.render(replace(facts("d1-licence"), clerk="演示员𠮷"), signer)
    fonts = PdfFileReader(io.BytesIO(paper.data)).root["/Pages"]["/Kids"][0]["/Resources"]["/Font"]
    names = [fonts[key]["/BaseFont"] for key in fonts]
    assert len(names) == len(set(names)) == 3
    assert all("/ToUnicode" in fonts[key] for key in fonts)

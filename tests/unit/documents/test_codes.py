"""Barcodes: whatever a paper carries is read off its raster, as coarse as an office prints it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import zxingcpp
from msgspec.structs import replace
from PIL import Image

from jinpu_desk.app.papers import PaperFacts, PaperForm, PaperKind, Signer
from jinpu_desk.documents.raster import page_pictures
from jinpu_desk.documents.shop import Documents

Reader = Callable[[str], PaperFacts]


def bars_wanted(said: PaperFacts) -> set[str]:
    """Return the texts of all Code 128 the paper should carry, tick codes apart."""
    slip = {row[0] for row in said.tables.get("cases", ())}
    tracking = (
        {said.blanks["tracking"]} if said.form is PaperForm.EMS and "tracking" in said.blanks else set()
    )
    return {said.case_no} | tracking | slip


def read_of(data: bytes, dpi: int) -> set[tuple[zxingcpp.BarcodeFormat, str]]:
    """Return every code on every page, each page in black and white."""
    pages = (page.convert("1", dither=Image.Dither.NONE) for page in page_pictures(data, dpi))
    return {(code.format, code.text) for page in pages for code in zxingcpp.read_barcodes(page)}


def test_every_code_of_every_paper_is_read_from_200_dpi(
    sample: str, documents: Documents, signer: Signer, facts: Reader
) -> None:
    said = facts(sample)
    paper = documents.render(replace(said, copies=("一",)), signer)
    read = read_of(paper.data, 200)
    assert {(zxingcpp.BarcodeFormat.Code128, text) for text in bars_wanted(said)} <= read
    # A label and a waybill go without a QR: the first has no room, what it says is not for the post.
    assert (paper.statement in {text for _, text in read}) is (said.kind is not PaperKind.D16)


@pytest.mark.parametrize("dpi", [203, 300, 600])
@pytest.mark.parametrize("name", ["d16-label-licence", "d16-ems-licence", "d1-thermal-licence"])
def test_small_sheets_are_read_at_the_dots_of_label_printers(
    name: str, dpi: int, documents: Documents, signer: Signer, facts: Reader
) -> None:
    said = facts(name)
    read = {text for _, text in read_of(documents.render(said, signer).data, dpi)}
    assert bars_wanted(said) <= read

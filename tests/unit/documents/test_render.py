"""A paper: the same bytes everywhere, whole tables, readable codes, nothing empty."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC
from pathlib import Path

import pypdfium2
import pytest
import zxingcpp
from msgspec.structs import replace
from PIL import Image

from jinpu_desk.app.papers import MaterialLine, PaperFacts, RenderedPaper, Signer, tick_code
from jinpu_desk.documents.raster import page_pictures
from jinpu_desk.documents.shop import Documents
from jinpu_desk.domain.errors import Refused

Reader = Callable[[str], PaperFacts]
ROOT = Path(__file__).parents[3]


def texts(data: bytes) -> list[str]:
    return [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(data)]


def many(count: int, **more: str) -> tuple[MaterialLine, ...]:
    return tuple(
        MaterialLine(
            key=f"m{n}", name=f"第{n}号材料：演示用的材料名称", medium="原件", copies=1, pages=2, **more
        )
        for n in range(1, count + 1)
    )


def test_the_hash_is_of_the_bytes_and_rendering_again_changes_nothing(
    documents: Documents, signer: Signer, facts: Reader, receipt: RenderedPaper
) -> None:
    assert receipt.sha256 == hashlib.sha256(receipt.data).hexdigest()
    assert documents.render(facts("d1-licence"), signer) == receipt


def test_another_process_with_another_hash_seed_gives_the_same_bytes(receipt: RenderedPaper) -> None:
    program = (
        "import importlib.util, sys; from pathlib import Path\n"
        "spec = importlib.util.spec_from_file_location('c', sys.argv[1]); c = importlib.util.module_from_spec(spec)\n"
        "spec.loader.exec_module(c)\n"
        "key = c.WindowKey('0193f3a0-0000-7000-8000-000000000001', 0)\n"
        "room = c.Documents(c.ROOT / 'resources')\n"
        "room.render(c.read_facts('d13-licence'), key)\n"
        "print(room.render(c.read_facts('d1-licence'), key).sha256)\n"
    )
    for seed in ("1", "4242"):
        ran = subprocess.run(
            [sys.executable, "-c", program, str(Path(__file__).with_name("conftest.py"))],
            env={**os.environ, "PYTHONHASHSEED": seed, "TZ": "America/Lima"},
            capture_output=True,
            text=True,
            check=True,
            cwd=ROOT,
        )
        assert ran.stdout.strip() == receipt.sha256


def test_the_same_instant_in_another_zone_is_the_same_paper(
    documents: Documents, signer: Signer, facts: Reader, receipt: RenderedPaper
) -> None:
    said = facts("d1-licence")
    assert documents.render(replace(said, issued_at=said.issued_at.astimezone(UTC)), signer) == receipt


def test_any_fact_changes_the_paper(
    documents: Documents, signer: Signer, facts: Reader, receipt: RenderedPaper
) -> None:
    other = documents.render(replace(facts("d1-licence"), seq=18), signer)
    assert other.facts_digest != receipt.facts_digest
    assert other.sha256 != receipt.sha256


def test_thirty_materials_flow_over_pages_under_a_repeated_header(
    documents: Documents, signer: Signer, facts: Reader
) -> None:
    paper = documents.render(replace(facts("d1-licence"), materials=many(30), copies=("第一联",)), signer)
    pages = texts(paper.data)
    assert paper.pages == len(pages) >= 2
    assert all("材料名称" in page for page in pages[:2])
    assert [n for n in range(1, 31) if any(f"第{n}号材料：" in page for page in pages)] == [*range(1, 31)]
    assert "第 1 页 共 2 页" in pages[0]
    assert "收件专用章" in pages[-1]
    assert "收件专用章" not in pages[0]


@pytest.mark.parametrize("count", range(1, 45))
def test_the_seal_never_stands_alone_on_a_page(
    count: int, documents: Documents, signer: Signer, facts: Reader
) -> None:
    paper = documents.render(replace(facts("d1-filing"), materials=many(count), copies=("第一联",)), signer)
    last = texts(paper.data)[-1]
    assert "收件专用章" in last
    assert "备注：申请人要求邮寄结果。" in last


def test_a_cell_longer_than_a_page_is_continued(documents: Documents, signer: Signer, facts: Reader) -> None:
    said = facts("d3-licence")
    long = replace(said.materials[0], note="问题" * 900, requirement="末尾")
    pages = texts(documents.render(replace(said, materials=(long,), copies=("一",)), signer).data)
    assert sum(page.count("问") for page in pages) >= 900
    assert len(pages) >= 3


def test_each_copy_says_whose_it_is(receipt: RenderedPaper) -> None:
    first, second = texts(receipt.data)
    assert "第一联 申请人" in first
    assert "第二联 存档" in second
    assert receipt.pages == 2


def test_demonstration_is_written_across_training_papers_only(
    documents: Documents, signer: Signer, facts: Reader
) -> None:
    real = replace(facts("d1-filing"), authority="某局", station="某所", clerk="某人", item_code="x")
    real = replace(real, materials=many(1)[:0] or (replace(many(1)[0], name="申请书"),))
    assert not any("演示" in page for page in texts(documents.render(real, signer).data))
    training = texts(documents.render(replace(real, training=True), signer).data)
    assert all("演示" in page and "非真实印章" in page for page in training)


def test_a_paper_without_number_says_so(documents: Documents, signer: Signer, facts: Reader) -> None:
    said = facts("d2-licence")
    assert "文号待补" not in texts(documents.render(said, signer).data)[0]
    assert "文号待补" in texts(documents.render(replace(said, doc_no=""), signer).data)[0]
    assert "文号待补" not in texts(documents.render(facts("d1-licence"), signer).data)[0]


def test_a_provisional_due_day_says_so(documents: Documents, signer: Signer, facts: Reader) -> None:
    said = facts("d2-filing")
    assert "暂定" in texts(documents.render(said, signer).data)[0]
    assert "暂定" not in texts(documents.render(replace(said, provisional=False), signer).data)[0]


@pytest.mark.parametrize(
    ("name", "change", "where"),
    [
        ("d1-licence", {"materials": ()}, "materials"),
        ("d2-licence", {"due": None}, "due"),
        ("d2-licence", {"blanks": {"basis": "x"}}, "blanks.pickup"),
        ("d2-licence", {"accepted_on": None}, "accepted_on"),
        ("d7-not-registered-registration", {"lists": {}}, "lists.reasons"),
        ("d3-licence", {"blanks": {"correct_by": "", "correct_how": "x"}}, "blanks.correct_by"),
    ],
)
def test_a_paper_is_never_printed_with_a_hole_in_it(
    name: str, change: dict[str, object], where: str, documents: Documents, signer: Signer, facts: Reader
) -> None:
    with pytest.raises(Refused) as told:
        documents.render(replace(facts(name), **change), signer)
    assert (told.value.code, told.value.where) == ("documents.blank-missing", where)


def test_braces_in_a_value_are_only_text(documents: Documents, signer: Signer, facts: Reader) -> None:
    said = replace(facts("d1-filing"), blanks={"note": "{clerk} {0} %s"})
    assert "{clerk} {0} %s" in texts(documents.render(said, signer).data)[0]


@pytest.mark.parametrize("dpi", [200, 203, 300, 600])
def test_the_tick_codes_of_a_checklist_are_read_as_a_laser_prints_them(
    dpi: int, documents: Documents, signer: Signer, facts: Reader
) -> None:
    said = facts("d13-licence")
    page = next(page_pictures(documents.render(said, signer).data, dpi)).convert(
        "1", dither=Image.Dither.NONE
    )
    read = {c.text for c in zxingcpp.read_barcodes(page)}
    assert {tick_code(said.item_key, m.key) for m in said.materials} <= read

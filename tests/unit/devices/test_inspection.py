"""A sound scan is described; anything else is refused by name, in a process that can afford to die."""

from __future__ import annotations

import struct
import subprocess
import zlib
from pathlib import Path

import pytest
from PIL import Image, ImageFilter
from pypdfium2 import PdfDocument

from jinpu_desk.app.ports.devices import MediaType, PageHint
from jinpu_desk.devices.inspection import Inspected, ScanLimits, inspect
from jinpu_desk.devices.inspection_worker import examine
from jinpu_desk.domain.errors import Refused

from .conftest import Page

LIMITS = ScanLimits()


def _code(path: Path, limits: ScanLimits = LIMITS) -> str:
    with pytest.raises(Refused) as caught:
        inspect(path.read_bytes(), limits)
    return caught.value.code


def _png(path: Path, side: int) -> Path:
    """A valid black square that is a thousand times smaller packed than unpacked."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = zlib.compress(bytes(side * (1 + (side + 7) // 8)), 9)
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    )
    return path


@pytest.mark.parametrize("ending", ["jpg", "png", "tif"])
def test_a_picture_is_described(tmp_path: Path, page: Page, ending: str) -> None:
    file = tmp_path / f"scan.{ending}"
    page().save(file, dpi=(200, 200))
    kind = {"jpg": MediaType.JPEG, "png": MediaType.PNG, "tif": MediaType.TIFF}[ending]
    assert inspect(file.read_bytes(), LIMITS) == Inspected(kind, 827, 1169, 200, 1, ())


def test_every_page_of_a_tiff_counts(tmp_path: Path, page: Page) -> None:
    file = tmp_path / "scan.tif"
    page().save(file, save_all=True, append_images=[page(0), page()], dpi=(100, 100))
    found = examine(file.read_bytes(), LIMITS).inspected
    assert found == Inspected(MediaType.TIFF, 827, 1169, 100, 3, (PageHint.BLANK, PageHint.COARSE))


def test_a_pdf_is_counted_at_200_dpi(tmp_path: Path, page: Page) -> None:
    file = tmp_path / "scan.pdf"
    page().save(file, save_all=True, append_images=[page()], resolution=100)
    found = inspect(file.read_bytes(), LIMITS)
    assert (found.media_type, found.pages, found.dpi, found.hints) == (MediaType.PDF, 2, 200, ())
    assert (found.width_px, found.height_px) == pytest.approx((1654, 2338), abs=2)


@pytest.mark.parametrize(
    ("lines", "blur", "hints"),
    [
        (25, 0, set()),
        (1, 0, set()),
        (0, 0, {PageHint.BLANK}),
        (0, 3, {PageHint.BLANK}),
        (25, 3, {PageHint.BLURRED}),
        (3, 3, {PageHint.BLURRED}),
    ],
)
def test_the_clerk_is_told_of_a_blank_or_blurred_page(
    tmp_path: Path, page: Page, lines: int, blur: int, hints: set[PageHint]
) -> None:
    file = tmp_path / "scan.png"
    page(lines).filter(ImageFilter.GaussianBlur(blur)).save(file)
    found = examine(file.read_bytes(), LIMITS).inspected
    assert found is not None
    assert set(found.hints) == hints


def test_a_picture_of_few_pixels_is_described_too(tmp_path: Path) -> None:
    file = tmp_path / "dot.png"
    Image.new("1", (1, 1)).save(file)
    assert examine(file.read_bytes(), LIMITS).inspected == Inspected(
        MediaType.PNG, 1, 1, 0, 1, (PageHint.BLANK,)
    )


@pytest.mark.parametrize("ending", ["jpg", "png", "tif", "pdf"])
def test_a_file_cut_short_is_damaged(tmp_path: Path, page: Page, ending: str) -> None:
    file = tmp_path / f"scan.{ending}"
    page().save(file)
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    rejected = examine(file.read_bytes(), LIMITS).rejected
    assert rejected is not None
    assert rejected.code in ("device.scan.damaged", "device.scan.unknown-type")


@pytest.mark.parametrize("content", [b"", b"hello", b"GIF89a" + bytes(40), b"PK\x03\x04" + bytes(40)])
def test_another_kind_of_file_is_refused_whatever_its_name(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "scan.jpg"
    file.write_bytes(content)
    assert _code(file) == "device.scan.unknown-type"


def test_a_pixel_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    assert _code(_png(tmp_path / "bomb.png", 20_000)) == "device.scan.too-large"


def test_a_file_that_needs_too_much_memory_costs_only_its_worker(tmp_path: Path) -> None:
    bomb = _png(tmp_path / "bomb.png", 10_000)
    assert inspect(bomb.read_bytes(), LIMITS).width_px == 10_000
    assert _code(bomb, ScanLimits(max_memory=160 * 1024 * 1024)) == "device.scan.too-costly"


def test_a_worker_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def out_of_time(*args: object, **kwargs: object) -> None:
        raise subprocess.TimeoutExpired("worker", 1)

    monkeypatch.setattr(subprocess, "run", out_of_time)
    assert _code(_png(tmp_path / "scan.png", 8)) == "device.scan.too-costly"


def test_too_many_pages_are_refused(tmp_path: Path, page: Page) -> None:
    file = tmp_path / "scan.tif"
    page().save(file, save_all=True, append_images=[page()] * 3)
    rejected = examine(file.read_bytes(), ScanLimits(max_pages=3)).rejected
    assert rejected is not None
    assert (rejected.code, rejected.params) == ("device.scan.too-many-pages", {"pages": "4", "limit": "3"})


def test_a_pdf_without_pages_is_damaged(tmp_path: Path) -> None:
    file = tmp_path / "scan.pdf"
    PdfDocument.new().save(file)
    assert _code(file) == "device.scan.damaged"

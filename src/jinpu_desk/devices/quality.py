"""Hints at scans worth repeating. They never refuse a scan: the clerk sees the page and decides."""

from __future__ import annotations

from PIL import Image, ImageFilter, ImageStat

from jinpu_desk.app.ports.devices import PageHint

_SAMPLE_PX = 1000
_BORDER = 0.04  # scanners leave shadows along the edges of an empty sheet
_INK_STEP = 40  # grey levels by which ink is darker than the paper
_BLANK_INK = 0.0005  # of the sheet: about a line of eight characters on A4
_SHARP_ENOUGH = 500.0  # printed text scores over 20 000, the same text out of focus by 3 pixels under 400
_LAPLACE = ImageFilter.Kernel((3, 3), (0, 1, 0, 1, -4, 1, 0, 1, 0), scale=1, offset=128)


def hints_of(image: Image.Image) -> set[PageHint]:
    """Returns what looks wrong with one decoded page. A blank page is not called blurred as well."""
    sample = _sample(image)
    ink = _ink(sample)
    if ink < _BLANK_INK:
        return {PageHint.BLANK}
    return {PageHint.BLURRED} if _edges(sample) / ink < _SHARP_ENOUGH else set()


def _edges(sample: Image.Image) -> float:
    """Returns the variance of the Laplacian: low where no edge is sharp, and where there are few."""
    inner = sample.filter(_LAPLACE).crop((1, 1, sample.width - 1, sample.height - 1))
    return float(ImageStat.Stat(inner).var[0])


def _sample(image: Image.Image) -> Image.Image:
    grey = image.convert("L")
    grey.thumbnail((_SAMPLE_PX, _SAMPLE_PX), Image.Resampling.BOX)
    left, top = int(grey.width * _BORDER), int(grey.height * _BORDER)
    if grey.width - 2 * left < 3 or grey.height - 2 * top < 3:
        return grey.resize((max(3, grey.width), max(3, grey.height)))
    return grey.crop((left, top, grey.width - left, grey.height - top))


def _ink(sample: Image.Image) -> float:
    """Returns the share of pixels clearly darker than the paper, which is the median grey."""
    counts = sample.histogram()
    paper = int(ImageStat.Stat(sample).median[0])
    return sum(counts[: max(0, paper - _INK_STEP)]) / sum(counts)

"""The process that opens one scan: ``Order`` as a line of JSON and the file on standard input, ``Report`` on output."""

from __future__ import annotations

import io
import sys
import warnings

import msgspec
from PIL import Image, UnidentifiedImageError

from jinpu_desk.app.ports.devices import MediaType, PageHint
from jinpu_desk.devices.inspection import Inspected, Order, Rejected, Report, ScanLimits
from jinpu_desk.devices.quality import hints_of

_IMAGE_TYPES = {"JPEG": MediaType.JPEG, "PNG": MediaType.PNG, "TIFF": MediaType.TIFF}
_PDF_DPI = 200
_PDF_POINTS_PER_INCH = 72
_PREVIEW_PX = 1200
_COARSE_DPI = 150  # DOMAIN F4 asks for 200 to 300; below this, small print cannot be read


class _NotTaken(Exception):  # it carries a verdict, not a failure
    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.rejected = Rejected(code, {key: str(value) for key, value in params.items()})


def main() -> None:
    order = msgspec.json.decode(sys.stdin.buffer.readline(), type=Order)
    _limit_this_process(order.limits)
    sys.stdout.buffer.write(msgspec.json.encode(examine(sys.stdin.buffer.read(), order.limits)))


def examine(data: bytes, limits: ScanLimits) -> Report:
    """Returns what a file is, or why it is not taken. Whatever a decoder raises is a damaged file."""
    warnings.simplefilter("ignore")  # decoders warn about harmless oddities of scanners
    try:
        is_pdf = b"%PDF-" in data[:1024]
        found = _examine_pdf(data, limits) if is_pdf else _examine_image(data, limits)
    except _NotTaken as verdict:
        return Report(rejected=verdict.rejected)
    except (MemoryError, Image.DecompressionBombError):
        return Report(rejected=Rejected("device.scan.too-costly"))
    except UnidentifiedImageError:
        return Report(rejected=Rejected("device.scan.unknown-type"))
    except Exception:  # decoders document no common error; the process ends here anyway
        return Report(rejected=Rejected("device.scan.damaged"))
    return Report(inspected=found)


def _limit_this_process(limits: ScanLimits) -> None:
    """Caps memory and processor time, and forbids writing files. Windows has only the parent's time-out."""
    if sys.platform == "win32":
        return
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (limits.max_memory, limits.max_memory))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.max_seconds, limits.max_seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def _examine_image(data: bytes, limits: ScanLimits) -> Inspected:
    Image.MAX_IMAGE_PIXELS = None  # our own limit below is exact and comes before anything is decoded
    with Image.open(io.BytesIO(data), formats=tuple(_IMAGE_TYPES)) as image:
        pages = int(getattr(image, "n_frames", 1))
        _check_pages(pages, limits)
        width, height = image.size
        dpi = _dpi_of(image)
        hints = {PageHint.COARSE} if 0 < dpi < _COARSE_DPI else set()
        for number in range(pages):
            image.seek(number)
            if image.width * image.height > limits.max_pixels:
                raise _NotTaken("device.scan.too-large", width=image.width, height=image.height)
            image.load()
            hints |= hints_of(image)
        return Inspected(_IMAGE_TYPES[str(image.format)], width, height, dpi, pages, tuple(sorted(hints)))


def _examine_pdf(data: bytes, limits: ScanLimits) -> Inspected:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if error.err_code == pypdfium2.raw.FPDF_ERR_PASSWORD:
            raise _NotTaken("device.scan.encrypted") from error
        raise
    _check_pages(len(document), limits)
    hints: set[PageHint] = set()
    for page in document:
        preview = page.render(scale=_PREVIEW_PX / max(page.get_size()), grayscale=True).to_pil()
        hints |= hints_of(preview) & {PageHint.BLANK}  # a preview is too small to tell a blur
        page.close()
    width, height = (round(side / _PDF_POINTS_PER_INCH * _PDF_DPI) for side in document[0].get_size())
    return Inspected(MediaType.PDF, width, height, _PDF_DPI, len(document), tuple(sorted(hints)))


def _check_pages(pages: int, limits: ScanLimits) -> None:
    if pages == 0:
        raise _NotTaken("device.scan.damaged")
    if pages > limits.max_pages:
        raise _NotTaken("device.scan.too-many-pages", pages=pages, limit=limits.max_pages)


def _dpi_of(image: Image.Image) -> int:
    """Returns the lower of the two resolutions the file states, 0 when it states none or nonsense."""
    stated = image.info.get("dpi", (0, 0))
    try:
        dpi = round(min(float(side) for side in stated))
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        return 0
    return dpi if 0 < dpi <= 4800 else 0


if __name__ == "__main__":
    main()

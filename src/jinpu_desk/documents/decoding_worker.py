"""The process that opens files of others: limits first, then order and file, reply, until its input ends."""

from __future__ import annotations

import io
import sys
import warnings

import msgspec
import zxingcpp
from PIL import Image

from jinpu_desk.documents.decoding import (
    Codes,
    Count,
    DecodingLimits,
    Orders,
    Page,
    Reply,
    Thumbnail,
    receive,
    send,
)
from jinpu_desk.documents.raster import page_count, page_picture, page_pictures
from jinpu_desk.domain.errors import DeskError

PICTURES = ("PNG", "JPEG", "BMP", "TIFF")
_PDF = b"%PDF-"
_PDF_DPI = 40
_QR = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])
_ORDERS = msgspec.msgpack.Decoder(Orders)


def main() -> None:
    """Serve until the parent closes the pipe. A file that breaks a limit ends the process; the parent starts anew."""
    warnings.simplefilter("ignore")  # decoders warn about harmless oddities of scanners
    orders, replies = sys.stdin.buffer, sys.stdout.buffer
    limits = msgspec.msgpack.decode(receive(orders, 4096), type=DecodingLimits)
    Image.MAX_IMAGE_PIXELS = None  # our own limit is exact and comes before anything is decoded
    _limit_this_process(limits)
    while True:
        try:
            order = _ORDERS.decode(receive(orders, 4096))
        except EOFError:
            return
        data = receive(orders, limits.max_bytes)
        _allow_seconds(limits.max_seconds)
        send(replies, msgspec.msgpack.encode(_done(order, data, limits)))


def _done(order: Orders, data: bytes, limits: DecodingLimits) -> Reply:
    try:
        return _carry_out(order, data, limits)
    except DeskError as error:
        return Reply(refused=error.code, where=error.where)
    except (MemoryError, Image.DecompressionBombError):
        return Reply(refused="documents.too-costly")
    except Exception:  # decoders document no common error
        return Reply(refused=_PROBLEM[type(order)])


_PROBLEM: dict[type, str] = {
    Codes: "documents.not-a-picture",
    Thumbnail: "documents.not-a-picture",
    Count: "documents.not-a-paper",
    Page: "documents.not-a-paper",
}


def _carry_out(order: Orders, data: bytes, limits: DecodingLimits) -> Reply:
    match order:
        case Codes():
            found = zxingcpp.read_barcodes(_opened(data, limits).convert("L"), formats=_QR)
            return Reply(texts=tuple(code.text for code in found))
        case Count():
            return Reply(count=page_count(data))
        case Page(number=number, dpi=dpi):
            return Reply(png=_png(page_picture(data, number, dpi)))
        case Thumbnail(width=width):
            picture = (
                next(page_pictures(data, _PDF_DPI)) if data.startswith(_PDF) else _small(data, width, limits)
            )
            picture.thumbnail((width, width * 3))
            return Reply(png=_png(picture))


def _opened(data: bytes, limits: DecodingLimits) -> Image.Image:
    picture = Image.open(io.BytesIO(data), formats=PICTURES)
    if picture.width * picture.height > limits.max_pixels:
        raise MemoryError
    return picture


def _small(data: bytes, width: int, limits: DecodingLimits) -> Image.Image:
    picture = _opened(data, limits)
    picture.draft("RGB", (width * 2, width * 3))  # lets JPEG decode at a fraction of its size
    return picture.convert("RGB")


def _png(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "PNG", compress_level=1)
    return out.getvalue()


def _limit_this_process(limits: DecodingLimits) -> None:
    """Cap memory, forbid files and further processes. Windows has only the parent's time-out."""
    if sys.platform == "win32":
        return
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (limits.max_memory, limits.max_memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def _allow_seconds(seconds: int) -> None:
    """Give the next file that much processor time, however much the files before it took."""
    if sys.platform == "win32":
        return
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + seconds, hard))


if __name__ == "__main__":
    main()

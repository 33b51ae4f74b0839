"""The structs of ``resources/documents``: blocks of a paper, its layout, and the sheets papers are printed on."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

import msgspec

from jinpu_desk.app.papers import Family, PaperForm, PaperKind


class Block(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type"):
    """A part of a paper. Printed only if the blank, list or table ``when`` is filled and ``unless`` is not."""

    when: str = ""
    unless: str = ""
    families: tuple[Family, ...] = ()  # empty = all the form's families


class Paragraph(Block, frozen=True, kw_only=True, tag="paragraph"):
    """Running text; the first line is indented two characters unless ``indent`` is false."""

    text: str
    indent: bool = True
    bold: bool = False


class Heading(Block, frozen=True, kw_only=True, tag="heading"):
    """A bold line that stays with what follows."""

    text: str


class Fitted(Block, frozen=True, kw_only=True, tag="fitted"):
    """Text in at most ``lines`` lines, set ever smaller down to ``least`` points; what is still too long is cut."""

    text: str
    size: float
    least: float
    lines: int = 1
    bold: bool = False


class Grid(Block, frozen=True, kw_only=True, tag="grid"):
    """Ruled rows of label and value, one or two pairs a row; a row without any value is left out.

    With ``by_hand`` it stays, high enough for a pen.
    """

    rows: tuple[tuple[str, ...], ...] = ()
    common: bool = False  # print the rows of common.toml first
    by_hand: bool = False


class Column(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A column of a table: ``width`` in mm, ``value`` or ``barcode`` a template over the row's blanks."""

    title: str
    width: float
    value: str = ""
    centre: bool = False
    barcode: str = ""  # printed as Code 128 with its text below


class Materials(Block, frozen=True, kw_only=True, tag="materials"):
    """The material table; flows over pages with its header repeated."""

    columns: tuple[Column, ...]


class Table(Block, frozen=True, kw_only=True, tag="table"):
    """A table from the facts' ``tables``; its row blanks are the columns of ``NEEDS``, and ``no``."""

    table: str
    columns: tuple[Column, ...]


class Items(Block, frozen=True, kw_only=True, tag="items"):
    """A numbered list from the facts' ``lists``."""

    list: str


class Bars(Block, frozen=True, kw_only=True, tag="bars"):
    """A Code 128 across the middle, its text below; ``height`` in mm."""

    text: str
    height: float


class Signature(Block, frozen=True, kw_only=True, tag="signature"):
    """Authority, date and the place of its seal at the right; who signs for the paper at the left."""

    seal: str
    signers: tuple[str, ...] = ()
    day: str = "{issued_on}"


class Signers(Block, frozen=True, kw_only=True, tag="signers"):
    """Lines to sign, ``across`` beside each other, without a seal."""

    names: tuple[str, ...]
    across: int = 2


class Stub(Block, frozen=True, kw_only=True, tag="stub"):
    """A dashed line to cut or sign below, with its text."""

    text: str


AnyBlock = Paragraph | Heading | Fitted | Grid | Materials | Table | Items | Bars | Signature | Signers | Stub


class SheetName(StrEnum):
    """What a form is printed on."""

    A4 = "a4"
    ROLL = "roll"  # 80 mm thermal roll, as long as the text
    LABEL = "label"  # 60×40 mm
    WAYBILL = "waybill"  # 100×150 mm


class Head(StrEnum):
    """Where a sheet carries the codes of the paper."""

    CORNERS = "corners"  # barcode top left, QR top right, on every page
    COLUMN = "column"  # barcode above, QR below the text: the sheet is too narrow for both
    BARS = "bars"  # barcode alone: no room for a QR, and what it says is for nobody on the way


class Layout(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One form of one kind, from a day on."""

    kind: PaperKind
    effective_from: date
    title: str
    copies: tuple[str, ...]
    blocks: tuple[AnyBlock, ...]
    form: PaperForm = PaperForm.PLAIN
    families: tuple[Family, ...] = tuple(Family)
    titles: dict[Family, str] = {}  # where a family calls it something else
    numbered: bool = True  # carries a 文号
    blanks: tuple[str, ...] = ()  # optional ones; the needed ones are the app's NEEDS
    defaults: dict[str, str] = {}  # optional blanks, and what stands in them when the facts are silent
    lists: tuple[str, ...] = ()
    sheet: SheetName = SheetName.A4


class Sizes(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Type sizes in points and line height as a multiple."""

    title: float
    authority: float
    body: float
    table: float
    small: float
    leading: float


class Sheet(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Geometry in mm, the width of a barcode's module in 1/600 inch, and type sizes.

    ``height`` 0 is as long as the text. ``mark`` is how far above the lower edge a reprint is marked. ``wide`` sheets
    have room for two pairs in a row of a grid and for signatures beside the seal.
    """

    width: float
    height: float
    left: float
    right: float
    top: float
    bottom: float
    header_top: float
    barcode_height: float
    module: int
    mark: float
    head: Head
    wide: bool
    sizes: Sizes
    snug: Sizes | None = None  # taken when it saves a page


class Words(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The fixed words of every paper."""

    scan: str
    query: str
    no_number: str
    page: str
    digest: str
    training: str
    training_note: str
    continued: str
    reprint: str
    reprint_numbered: str


class Common(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What all papers share."""

    sheets: dict[SheetName, Sheet]
    words: Words
    grid: tuple[tuple[str, ...], ...]

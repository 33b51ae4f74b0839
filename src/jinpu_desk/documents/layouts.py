"""The wording and arrangement of papers as data (``resources/documents``): read, checked, chosen by date.

One TOML file holds one form; ``common.toml`` what all share. A file that names a blank the facts do not
have, an unknown key, or a block of no known type is refused with file and place.
"""

from __future__ import annotations

import string
from collections.abc import Iterator, Set
from datetime import date
from pathlib import Path
from typing import TypeVar

import msgspec

from jinpu_desk.app.papers import NEEDS, Family, PaperFacts, PaperForm, PaperKind
from jinpu_desk.documents.values import FIXED_BLANKS, ROW_BLANKS, issued_on
from jinpu_desk.domain.errors import Refused, Unavailable

COMMON = "common.toml"

_T = TypeVar("_T")


class Block(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type"):
    """A part of a paper. Printed only if the blank or list ``when`` is filled and ``unless`` is not."""

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


class Grid(Block, frozen=True, kw_only=True, tag="grid"):
    """Ruled rows of label and value, one or two pairs a row; a row without any value is left out."""

    rows: tuple[tuple[str, ...], ...] = ()
    common: bool = False  # print the rows of common.toml first


class Column(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A column of the material table: ``width`` in mm, ``value`` a template over the row's blanks."""

    title: str
    width: float
    value: str = ""
    centre: bool = False
    barcode: bool = False  # the code that ticks this material at the window


class Materials(Block, frozen=True, kw_only=True, tag="materials"):
    """The material table; flows over pages with its header repeated."""

    columns: tuple[Column, ...]


class Items(Block, frozen=True, kw_only=True, tag="items"):
    """A numbered list from the facts' ``lists``."""

    list: str


class Signature(Block, frozen=True, kw_only=True, tag="signature"):
    """Authority, date and the place of its seal at the right; who signs for the paper at the left."""

    seal: str
    signers: tuple[str, ...] = ()


class Stub(Block, frozen=True, kw_only=True, tag="stub"):
    """A dashed line to cut or sign below, with its text."""

    text: str


AnyBlock = Paragraph | Heading | Grid | Materials | Items | Signature | Stub


class Layout(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One form of one kind, from a day on."""

    kind: PaperKind
    effective_from: date
    title: str
    copies: tuple[str, ...]
    blocks: tuple[AnyBlock, ...]
    form: PaperForm = PaperForm.PLAIN
    families: tuple[Family, ...] = tuple(Family)
    numbered: bool = True  # carries a 文号
    blanks: tuple[str, ...] = ()  # optional ones; the needed ones are the app's NEEDS
    lists: tuple[str, ...] = ()


class Page(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Page geometry in mm (A4)."""

    left: float
    right: float
    top: float
    bottom: float
    barcode_height: float
    header_top: float


class Sizes(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Type sizes in points and line height as a multiple."""

    title: float
    authority: float
    body: float
    table: float
    small: float
    leading: float


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

    page: Page
    sizes: Sizes
    snug: Sizes  # taken when it saves a page
    words: Words
    grid: tuple[tuple[str, ...], ...]


class Layouts(msgspec.Struct, frozen=True):
    """All forms known, and what they share."""

    common: Common
    forms: tuple[Layout, ...]

    def choose(self, facts: PaperFacts) -> Layout:
        """Return the form in force on the paper's day; Refused when there is none for its kind and family."""
        day = issued_on(facts)
        fitting = [
            f
            for f in self.forms
            if (f.kind, f.form) == (facts.kind, facts.form)
            and facts.family in f.families
            and f.effective_from <= day
        ]
        if not fitting:
            raise Refused(
                "documents.layout.none",
                kind=facts.kind.value,
                form=facts.form.value,
                family=facts.family.value,
            )
        return max(fitting, key=lambda f: f.effective_from)


def load_layouts(folder: Path) -> Layouts:
    """Return every form in the folder, checked; Refused names the file and the place."""
    common = _read(folder / COMMON, Common)
    _check_grid(common.grid, FIXED_BLANKS, f"{COMMON}:grid")
    paths = sorted(p for p in folder.glob("*.toml") if p.name != COMMON)
    forms = tuple(_read(path, Layout) for path in paths)
    seen: set[tuple[PaperKind, PaperForm, Family, date]] = set()
    for path, form in zip(paths, forms, strict=True):
        _check(form, path.name)
        served = {(form.kind, form.form, family, form.effective_from) for family in form.families}
        if served & seen:
            raise Refused(
                "documents.layout.twice", path.name, kind=form.kind.value, day=str(form.effective_from)
            )
        seen |= served
    return Layouts(common, forms)


def _read(path: Path, kind: type[_T]) -> _T:
    try:
        return msgspec.toml.decode(path.read_bytes(), type=kind)
    except OSError as error:
        raise Unavailable("documents.layout.missing", path.name) from error
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Refused("documents.layout.invalid", path.name, reason=str(error)) from error


def fields(template: str) -> Iterator[str]:
    """Yield the blanks a template names; ValueError when its braces do not match."""
    for _, name, spec, conversion in string.Formatter().parse(template):
        if name is None:
            continue
        if spec or conversion:
            raise ValueError(template)
        yield name


def _check(form: Layout, file: str) -> None:
    needs = NEEDS.get((form.kind, form.form))
    if needs is None:
        raise Refused("documents.layout.invalid", file, reason=f"{form.kind}/{form.form}")
    blanks = FIXED_BLANKS | {*needs.blanks, *form.blanks}
    lists = {*needs.lists, *form.lists}
    _check_template(form.title, blanks, f"{file}:title")
    for number, block in enumerate(form.blocks):
        where = f"{file}:blocks[{number}]"
        for name in filter(None, (block.when, block.unless)):
            _known(name, blanks | lists | {"materials"}, where)
        _check_block(block, blanks, lists, where)


def _check_block(block: AnyBlock, blanks: Set[str], lists: Set[str], where: str) -> None:
    match block:
        case Paragraph(text=text) | Heading(text=text) | Stub(text=text):
            _check_template(text, blanks, where)
        case Grid(rows=rows):
            _check_grid(rows, blanks, where)
        case Materials(columns=columns):
            for column in columns:
                _check_template(column.value, ROW_BLANKS, where)
        case Items(list=name):
            _known(name, lists, where)
        case Signature(seal=seal, signers=signers):
            for text in (seal, *signers):
                _check_template(text, blanks, where)


def _check_grid(rows: tuple[tuple[str, ...], ...], blanks: Set[str], where: str) -> None:
    for row in rows:
        if len(row) not in (2, 4):
            raise Refused("documents.layout.invalid", where, reason="grid row")
        for text in row:
            _check_template(text, blanks, where)


def _check_template(text: str, known: Set[str], where: str) -> None:
    try:
        names = list(fields(text))
    except ValueError as error:
        raise Refused("documents.layout.invalid", where, reason=text) from error
    for name in names:
        _known(name, known, where)


def _known(name: str, known: Set[str], where: str) -> None:
    if name not in known:
        raise Refused("documents.layout.unknown-blank", where, blank=name)

"""The wording and arrangement of papers as data (``resources/documents``): read, checked, chosen by date.

One TOML file holds one form; ``common.toml`` what all share. A file that names a blank the facts do not
have, an unknown key, or a block of no known type is refused with file and place.
"""

from __future__ import annotations

import string
from collections.abc import Iterator, Mapping, Set
from datetime import date
from pathlib import Path
from typing import NamedTuple, TypeVar

import msgspec

from jinpu_desk.app.papers import NEEDS, Family, Needs, PaperFacts, PaperForm, PaperKind
from jinpu_desk.documents.layout import (
    AnyBlock,
    Bars,
    Column,
    Common,
    Fitted,
    Grid,
    Heading,
    Items,
    Layout,
    Materials,
    Paragraph,
    SheetName,
    Signature,
    Signers,
    Stub,
    Table,
)
from jinpu_desk.documents.values import FIXED_BLANKS, ROW_BLANKS, issued_on
from jinpu_desk.domain.errors import Refused, Unavailable

COMMON = "common.toml"

_T = TypeVar("_T")


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
    for name in SheetName:
        if name not in common.sheets:
            raise Refused("documents.layout.invalid", f"{COMMON}:sheets", reason=name.value)
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


class _Known(NamedTuple):
    """What the templates of one form may name."""

    blanks: Set[str]
    lists: Set[str]
    tables: Mapping[str, tuple[str, ...]]


def _known_to(form: Layout, needs: Needs) -> _Known:
    return _Known(
        FIXED_BLANKS | {*needs.blanks, *form.blanks, *form.defaults},
        {*needs.lists, *form.lists},
        {**needs.tables, **needs.more_tables},
    )


def _check(form: Layout, file: str) -> None:
    needs = NEEDS.get((form.kind, form.form))
    if needs is None:
        raise Refused("documents.layout.invalid", file, reason=f"{form.kind}/{form.form}")
    known = _known_to(form, needs)
    for title in (form.title, *form.titles.values()):
        _check_template(title, known.blanks, f"{file}:title")
    for number, block in enumerate(form.blocks):
        where = f"{file}:blocks[{number}]"
        for name in filter(None, (block.when, block.unless)):
            _check_name(name, {*known.blanks, *known.lists, *known.tables, "materials"}, where)
        _check_block(block, known, where)


def _check_block(block: AnyBlock, known: _Known, where: str) -> None:
    match block:
        case (
            Paragraph(text=text) | Heading(text=text) | Fitted(text=text) | Bars(text=text) | Stub(text=text)
        ):
            _check_template(text, known.blanks, where)
        case Grid(rows=rows):
            _check_grid(rows, known.blanks, where)
        case Materials(columns=columns):
            _check_columns(columns, ROW_BLANKS, where)
        case Table(table=name, columns=columns):
            _check_name(name, known.tables.keys(), where)
            _check_columns(columns, {"no", *known.tables[name]}, where)
        case Items(list=name):
            _check_name(name, known.lists, where)
        case Signature(seal=seal, signers=signers, day=day):
            for text in (seal, day, *signers):
                _check_template(text, known.blanks, where)
        case Signers(names=names):
            for text in names:
                _check_template(text, known.blanks, where)


def _check_columns(columns: tuple[Column, ...], known: Set[str], where: str) -> None:
    for column in columns:
        _check_template(column.value, known, where)
        _check_template(column.barcode, known, where)


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
        _check_name(name, known, where)


def _check_name(name: str, known: Set[str], where: str) -> None:
    if name not in known:
        raise Refused("documents.layout.unknown-blank", where, blank=name)

"""Facts and a layout become PDF bytes: the same facts and key give the same bytes, on any desk, in any process."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from msgspec.structs import replace
from reportlab import rl_config
from reportlab.pdfgen.canvas import Canvas

from jinpu_desk.app.papers import NEEDS, PaperFacts, RenderedPaper, Signer, facts_digest
from jinpu_desk.documents import heads
from jinpu_desk.documents.blocks import set_block
from jinpu_desk.documents.flow import Placed, flow
from jinpu_desk.documents.fonts import FontShelf, Weight
from jinpu_desk.documents.ink import Fragment, Ink
from jinpu_desk.documents.layout import AnyBlock, Head, Layout, Sheet, Signature, Signers, Stub
from jinpu_desk.documents.layouts import Layouts
from jinpu_desk.documents.pen import Pen
from jinpu_desk.documents.statement import make_statement
from jinpu_desk.documents.typesetter import MM, Typesetter
from jinpu_desk.documents.values import fixed_blanks
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.ids import Digest

_WATERMARK: Final = "0.92 g 0.7071 0.7071 -0.7071 0.7071 {x:.2f} {y:.2f} cm"
_WATERMARK_SIZE: Final = 0.25  # of the sheet's width
_RULE: Final = "0.5 w"
_ENDLESS: Final = 14_000.0  # points, within what a PDF page may be (ISO 32000-1, Annex C)

# reportlab has this setting only for the whole process: streams as plain bytes instead of five letters for four.
rl_config.useA85 = 0


def render(facts: PaperFacts, signer: Signer, shelf: FontShelf, layouts: Layouts) -> RenderedPaper:
    """Return the paper. Refused when no layout is in force or something the form needs is missing."""
    return render_stated(facts, make_statement(facts, signer), shelf, layouts)


def render_stated(facts: PaperFacts, statement: str, shelf: FontShelf, layouts: Layouts) -> RenderedPaper:
    """Return the paper with a statement somebody else made and signed; Refused as ``render``."""
    layout = layouts.choose(facts)
    check_needs(facts)
    digest = facts_digest(facts)
    data, pages = _Job(facts, shelf, layouts, layout, statement, digest).draw()
    return RenderedPaper(data, Digest(hashlib.sha256(data).hexdigest()), pages, statement, digest)


def check_needs(facts: PaperFacts) -> None:
    """Refuse facts that lack what their form needs, naming the first thing missing."""
    needs = NEEDS[facts.kind, facts.form]
    wanted = (
        *(("blanks", name, facts.blanks.get(name)) for name in needs.blanks),
        *(("lists", name, facts.lists.get(name)) for name in needs.lists),
        *(("tables", name, facts.tables.get(name)) for name in needs.tables),
    )
    for place, name, value in wanted:
        if not value:
            raise _missing(facts, f"{place}.{name}", name)
    if needs.materials and not facts.materials:
        raise _missing(facts, "materials", "materials")
    if needs.due and facts.due is None:
        raise _missing(facts, "due", "due")


def _missing(facts: PaperFacts, where: str, name: str) -> Refused:
    return Refused("documents.blank-missing", where, kind=facts.kind.value, blank=name)


@dataclass(frozen=True)
class _Job:
    """One paper being made."""

    facts: PaperFacts
    shelf: FontShelf
    layouts: Layouts
    layout: Layout
    statement: str
    digest: Digest

    def draw(self) -> tuple[bytes, int]:
        """Return the bytes and the number of pages, all copies counted."""
        pages = self._paged()
        size = (self._sheet.width * MM, self._height(pages))
        out = io.BytesIO()
        self.shelf.face("jinpu-body")
        canvas = Canvas(
            out,
            pagesize=size,
            invariant=1,
            pageCompression=1,
            initialFontName="jinpu-body",
            pdfVersion=(1, 7),
            lang="zh-CN",
        )
        self._describe(canvas)
        pen = Pen(canvas, self.shelf)
        canvas.beginForm("head", 0, 0, *size)
        self._head(pen, *size)
        canvas.endForm()
        for number, page in enumerate(pages):
            canvas.beginForm(f"page{number}", 0, 0, *size)
            self._page(pen, page, number + 1, len(pages), size[1])
            canvas.endForm()
        copies = self.facts.copies or self.layout.copies
        for copy in copies:
            for number in range(len(pages)):
                canvas.doForm("head")
                canvas.doForm(f"page{number}")
                if copy:
                    heads.in_header(self._setter, copy, 1).draw(pen, 0, size[1])
                canvas.showPage()
        canvas.save()
        return out.getvalue(), len(copies) * len(pages)

    def _describe(self, canvas: Any) -> None:
        """Say in the file what it is, without personal data; the statement lets a file be checked unrendered."""
        canvas.setTitle(f"{self._title} {self.facts.case_no}")
        canvas.setAuthor(self.facts.authority)
        canvas.setSubject(f"{self.facts.kind.value} {self.digest}")
        canvas.setKeywords(self.statement)
        canvas.setCreator("Jinpu Desk")

    @cached_property
    def _sheet(self) -> Sheet:
        return self.layouts.common.sheets[self.layout.sheet]

    @cached_property
    def _setter(self) -> Typesetter:
        return self._typesetter(self._sheet)

    def _typesetter(self, sheet: Sheet) -> Typesetter:
        return Typesetter(self.shelf, sheet, self.layouts.common.words, self.facts, self._blanks)

    @cached_property
    def _title(self) -> str:
        title = self.layout.titles.get(self.facts.family, self.layout.title)
        return title.format_map(self._blanks)

    @cached_property
    def _blanks(self) -> dict[str, str]:
        given = {name: value for name, value in self.facts.blanks.items() if value}
        silent = {**dict.fromkeys(self.layout.blanks, ""), **self.layout.defaults}
        return {**silent, **given, **fixed_blanks(self.facts)}

    def _height(self, pages: list[list[Placed]]) -> float:
        """Return the height of the pages in points: the sheet's, or as much as the text takes."""
        sheet = self._sheet
        if sheet.height:
            return sheet.height * MM
        used = max((placed.y + placed.fragment.height for placed in pages[0]), default=0.0)
        return round(used + (sheet.top + sheet.bottom) * MM, 2)

    def _paged(self) -> list[list[Placed]]:
        """Return the pages; set snugly when that saves one, because a second page with three lines helps nobody."""
        sheet = self._sheet
        height = (sheet.height - sheet.top - sheet.bottom) * MM if sheet.height else _ENDLESS
        roomy = flow(self._fragments(self._setter), height)
        if len(roomy) == 1 or sheet.snug is None:
            return roomy
        snug = flow(self._fragments(self._typesetter(replace(sheet, sizes=sheet.snug))), height)
        return snug if len(snug) < len(roomy) else roomy

    def _fragments(self, setter: Typesetter) -> Iterator[Fragment]:
        yield from heads.above(setter, self._title, numbered=self.layout.numbered)
        blocks = [block for block in self.layout.blocks if self._wanted(block)]
        for number, block in enumerate(blocks):
            fragments = list(set_block(setter, block, self.layouts.common.grid))
            if number + 1 < len(blocks) and isinstance(blocks[number + 1], Signature | Signers | Stub):
                # a page with nothing but a seal or a stub on it could be attached to anything
                fragments[-1:] = [fragment._replace(keep=True) for fragment in fragments[-1:]]
            yield from fragments
        yield from heads.below(setter, self.statement, self.digest)

    def _wanted(self, block: AnyBlock) -> bool:
        if block.families and self.facts.family not in block.families:
            return False
        if block.when and not self._filled(block.when):
            return False
        return not (block.unless and self._filled(block.unless))

    def _filled(self, name: str) -> bool:
        facts = self.facts
        if name == "materials":
            return bool(facts.materials)
        return bool(self._blanks.get(name) or facts.lists.get(name) or facts.tables.get(name))

    def _page(self, pen: Pen, page: list[Placed], number: int, count: int, height: float) -> None:
        sheet = self._sheet
        pen.push(_RULE)
        inks: list[Ink] = [*heads.foot(self._setter, self.digest, number, count)]
        if number > 1 and sheet.head is Head.CORNERS:
            inks.append(heads.in_header(self._setter, self._title + self.layouts.common.words.continued, 2))
        for ink in inks:
            ink.draw(pen, 0, height)
        left, top = sheet.left * MM, height - sheet.top * MM
        for placed in page:
            for ink in placed.fragment.ink:
                ink.draw(pen, left, top - placed.y)
        pen.pop()

    def _head(self, pen: Pen, width: float, height: float) -> None:
        """Draw what stands on every page: watermark, barcode and QR."""
        if self.facts.training:
            word, size = self.layouts.common.words.training, width * _WATERMARK_SIZE
            pen.push(_WATERMARK.format(x=width / 2, y=height / 2))
            self._setter.centred(0, size * 0.35, word, size, Weight.BOLD).draw(pen, 0, 0)
            pen.pop()
        for ink in heads.corners(self._setter, self.statement):
            ink.draw(pen, 0, height)

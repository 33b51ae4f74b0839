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
from jinpu_desk.documents import codes
from jinpu_desk.documents.blocks import MM, Setter
from jinpu_desk.documents.flow import Placed, flow
from jinpu_desk.documents.fonts import FontShelf, Weight
from jinpu_desk.documents.ink import Fragment, Ink, Symbol, Text
from jinpu_desk.documents.layouts import AnyBlock, Common, Layout, Layouts, Page, Signature, Stub
from jinpu_desk.documents.pen import Pen
from jinpu_desk.documents.statement import make_statement
from jinpu_desk.documents.values import fixed_blanks
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.ids import Digest

PAGE_WIDTH: Final = 210 * MM
PAGE_HEIGHT: Final = 297 * MM
_WATERMARK: Final = "0.92 g 0.7071 0.7071 -0.7071 0.7071 {x:.2f} {y:.2f} cm"
_RULE: Final = "0.5 w"

# reportlab has this setting only for the whole process: streams as plain bytes instead of five letters for four.
rl_config.useA85 = 0


def render(facts: PaperFacts, signer: Signer, shelf: FontShelf, layouts: Layouts) -> RenderedPaper:
    """Return the paper. Refused when no layout is in force or something the form needs is missing."""
    layout = layouts.choose(facts)
    check_needs(facts)
    statement = make_statement(facts, signer)
    digest = facts_digest(facts)
    data, pages = _Job(facts, shelf, layouts, layout, statement, digest).draw()
    return RenderedPaper(data, Digest(hashlib.sha256(data).hexdigest()), pages, statement, digest)


def check_needs(facts: PaperFacts) -> None:
    """Refuse facts that lack what their form needs, naming the first thing missing."""
    needs = NEEDS[facts.kind, facts.form]
    kind = facts.kind.value
    for name in needs.blanks:
        if not facts.blanks.get(name):
            raise Refused("documents.blank-missing", f"blanks.{name}", kind=kind, blank=name)
    for name in needs.lists:
        if not facts.lists.get(name):
            raise Refused("documents.blank-missing", f"lists.{name}", kind=kind, blank=name)
    if needs.materials and not facts.materials:
        raise Refused("documents.blank-missing", "materials", kind=kind, blank="materials")
    if needs.due and facts.due is None:
        raise Refused("documents.blank-missing", "due", kind=kind, blank="due")


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
        out = io.BytesIO()
        self.shelf.face("jinpu-body")
        canvas = Canvas(
            out,
            pagesize=(PAGE_WIDTH, PAGE_HEIGHT),
            invariant=1,
            pageCompression=1,
            initialFontName="jinpu-body",
            pdfVersion=(1, 7),
            lang="zh-CN",
        )
        self._describe(canvas)
        pen = Pen(canvas, self.shelf)
        canvas.beginForm("head", 0, 0, PAGE_WIDTH, PAGE_HEIGHT)
        self._head(pen)
        canvas.endForm()
        pages = self._paged()
        for number, page in enumerate(pages):
            canvas.beginForm(f"page{number}", 0, 0, PAGE_WIDTH, PAGE_HEIGHT)
            self._page(pen, page, number + 1, len(pages))
            canvas.endForm()
        copies = self.facts.copies or self.layout.copies
        for copy in copies:
            for number in range(len(pages)):
                canvas.doForm("head")
                canvas.doForm(f"page{number}")
                self._ink(pen, self._in_header(copy, 1))
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

    @property
    def _page_mm(self) -> Page:
        return self.layouts.common.page

    @cached_property
    def _text_height(self) -> float:
        return PAGE_HEIGHT - (self._page_mm.top + self._page_mm.bottom) * MM

    @cached_property
    def _width(self) -> float:
        return PAGE_WIDTH - (self._page_mm.left + self._page_mm.right) * MM

    @cached_property
    def _title(self) -> str:
        return self.layout.title.format_map(self._blanks)

    @cached_property
    def _blanks(self) -> dict[str, str]:
        return {**dict.fromkeys(self.layout.blanks, ""), **self.facts.blanks, **fixed_blanks(self.facts)}

    def _paged(self) -> list[list[Placed]]:
        """Return the pages; set snugly when that saves one, because a second page with three lines helps nobody."""
        common = self.layouts.common
        roomy = flow(self._fragments(common), self._text_height)
        if len(roomy) == 1:
            return roomy
        snug = flow(self._fragments(replace(common, sizes=common.snug)), self._text_height)
        return snug if len(snug) < len(roomy) else roomy

    def _fragments(self, common: Common) -> Iterator[Fragment]:
        setter = Setter(self.shelf, common, self.facts, self._blanks, self._width)
        yield from self._heading()
        blocks = [block for block in self.layout.blocks if self._wanted(block)]
        for number, block in enumerate(blocks):
            fragments = list(setter.set(block))
            if number + 1 < len(blocks) and isinstance(blocks[number + 1], Signature | Stub) and fragments:
                # a page with nothing but a seal or a stub on it could be attached to anything
                fragments[-1] = fragments[-1]._replace(keep=True)
            yield from fragments

    def _wanted(self, block: AnyBlock) -> bool:
        if block.families and self.facts.family not in block.families:
            return False
        if block.when and not self._filled(block.when):
            return False
        return not (block.unless and self._filled(block.unless))

    def _filled(self, name: str) -> bool:
        if name == "materials":
            return bool(self.facts.materials)
        return bool(self._blanks.get(name) or self.facts.lists.get(name))

    def _heading(self) -> Iterator[Fragment]:
        sizes = self.layouts.common.sizes
        yield self._centred(self.facts.authority, sizes.authority, 1.5)
        yield self._centred(self._title, sizes.title, 1.6)
        if self.layout.numbered:
            number = self.facts.doc_no or self.layouts.common.words.no_number
            size = sizes.table + 1
            x = self._width - self.shelf.width(number, Weight.BODY, size)
            yield Fragment(size * 2, (self._text(x, size * 1.2, number, size),), keep=True)
        else:
            yield Fragment(6.0, (), keep=True)

    def _centred(self, text: str, size: float, leading: float) -> Fragment:
        while size > 9 and self.shelf.width(text, Weight.BOLD, size) > self._width:
            size -= 0.5
        x = (self._width - self.shelf.width(text, Weight.BOLD, size)) / 2
        return Fragment(size * leading, (self._text(x, size * 1.1, text, size, Weight.BOLD),), keep=True)

    def _text(self, x: float, y: float, text: str, size: float, weight: Weight = Weight.BODY) -> Text:
        return Text(x, y, size, self.shelf.runs(text, weight))

    def _page(self, pen: Pen, page: list[Placed], number: int, count: int) -> None:
        pen.push(_RULE)
        self._ink(pen, *self._footer(number, count))
        if number > 1:
            self._ink(pen, self._in_header(self._title + self.layouts.common.words.continued, 2))
        left, top = self._page_mm.left * MM, PAGE_HEIGHT - self._page_mm.top * MM
        for placed in page:
            for ink in placed.fragment.ink:
                ink.draw(pen, left, top - placed.y)
        pen.pop()

    def _ink(self, pen: Pen, *inks: Ink) -> None:
        """Draw what is placed from the page's own corner."""
        for ink in inks:
            ink.draw(pen, 0, PAGE_HEIGHT)

    def _head(self, pen: Pen) -> None:
        """Draw what stands on every page: watermark, barcode and QR."""
        if self.facts.training:
            word, size = self.layouts.common.words.training, 150.0
            width = self.shelf.width(word, Weight.BOLD, size)
            pen.push(_WATERMARK.format(x=PAGE_WIDTH / 2, y=PAGE_HEIGHT / 2))
            self._text(-width / 2, size * 0.35, word, size, Weight.BOLD).draw(pen, 0, 0)
            pen.pop()
        self._ink(pen, *self._header())

    def _header(self) -> Iterator[Ink]:
        page, sizes, words = self._page_mm, self.layouts.common.sizes, self.layouts.common.words
        left, top = _snap(page.left * MM), _snap(page.header_top * MM)
        bars = codes.bars(self.facts.case_no)
        yield Symbol(left, top, bars, codes.BAR_MODULE, page.barcode_height * MM)
        under = top + page.barcode_height * MM + sizes.small + 1
        yield self._text(left, under, self.facts.case_no, sizes.small)
        if self.facts.query_code:
            yield self._text(
                left, under + sizes.small * 1.5, f"{words.query} {self.facts.query_code}", sizes.small
            )
        square = codes.qr(self.statement)
        side = square.width * codes.QR_MODULE
        x = _snap(PAGE_WIDTH - page.right * MM - side)
        yield Symbol(x, top, square, codes.QR_MODULE, codes.QR_MODULE)
        label = self.shelf.width(words.scan, Weight.BODY, sizes.small)
        # beside it, not below: a long statement makes a large QR, and below it the text begins
        yield self._text(x - codes.QUIET_QR * codes.QR_MODULE - label, top + side, words.scan, sizes.small)

    def _in_header(self, text: str, line: int) -> Text:
        """Return a short text on a line between barcode and QR."""
        page, size = self._page_mm, self.layouts.common.sizes.small + 1
        x = (PAGE_WIDTH - self.shelf.width(text, Weight.BOLD, size)) / 2 + 11 * MM
        return self._text(x, page.header_top * MM + size * (1.6 * line - 0.6), text, size, Weight.BOLD)

    def _footer(self, number: int, count: int) -> Iterator[Ink]:
        page, sizes, words = self._page_mm, self.layouts.common.sizes, self.layouts.common.words
        y = PAGE_HEIGHT - (page.bottom - 8) * MM
        digest = self.digest[:16].upper()
        shown = words.digest.format(digest=" ".join(digest[i : i + 4] for i in range(0, 16, 4)))
        yield self._text(page.left * MM, y, shown, sizes.small)
        paged = words.page.format(page=number, pages=count)
        x = PAGE_WIDTH - page.right * MM - self.shelf.width(paged, Weight.BODY, sizes.small)
        yield self._text(x, y, paged, sizes.small)


def _snap(points: float) -> float:
    """Return the nearest whole number of 1/600 inch, so that modules start on a printer's dot."""
    return round(points / codes.UNIT) * codes.UNIT

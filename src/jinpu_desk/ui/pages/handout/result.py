"""One result: what it is, who it is for, how it goes, and what was done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QWidget

from jinpu_desk.app.screens.delivery_views import HandedOut, Person, ResultPage, Way
from jinpu_desk.app.screens.views import Chip, OptionView, Pair, PaperLine, WorkLine
from jinpu_desk.domain.errors import DeskError
from jinpu_desk.domain.ids import Digest

from ...kit import Kit
from ...widgets.chips import ChipRow
from ...widgets.flow import Fold
from ...widgets.parts import GAP, Card, box, button, column, key_cap, restyle, row, scroll, text
from ...widgets.segmented import Segmented
from ...widgets.thumbs import Thumbs
from ...widgets.walk import Walk
from ...widgets.worklist import WorkList
from ..cases.case import Pairs
from ..intake.done import spaced
from .fields import WayFields

CHECK_DIGIT = "code.resident-id.check-digit"
MISSING = "intake.missing"


class DoneStrip(QFrame):
    """已交付 · …: what was done, and the way on."""

    def __init__(self, kit: Kit, go_on: Any, print_: Any) -> None:
        super().__init__()
        self.setObjectName("strip")
        restyle(self, tone="good")
        keys = kit.actions.keys
        self.sentence = text(role="verdict", wrap=True)
        self.hint = text(role="hint", wrap=True)
        self.next = button(kit.words("handout.next"), go_on, kind="main")
        self.print = button(kit.actions.title("handout.print"), print_)
        buttons = row(self.next, 4, self.print, key_cap(keys("handout.print")), None)
        self.setLayout(column(self.sentence, self.hint, buttons, gap=8, margins=14))
        self.hide()

    def say(self, headline: str, hint: str) -> None:
        self.sentence.setText(headline)
        self.hint.setText(hint)
        self.show()


class ResultCard(QWidget):
    """Emits what the clerk wants: ``confirmed(way, typed)``, ``next_wanted``, ``print_wanted(papers)``."""

    confirmed = Signal(str, object)
    next_wanted = Signal()
    print_wanted = Signal(object)
    preview_wanted = Signal(str, str)
    open_case = Signal(str)

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self._kit = kit
        self.page: ResultPage | None = None
        self.issued: tuple[PaperLine, ...] = ()
        self.way: Way | None = None
        self.proof: Digest | None = None
        self._chosen: tuple[str, ...] = ()
        self._make_parts()
        self._lay_out()
        self._walk = Walk(self, lambda: self.stops)
        self._walk.add(self.confirm, self.done.next, self.done.print)
        self.papers.chosen.connect(lambda line: self.preview_wanted.emit(line.job_id, line.chip.text))
        self.fields.rebuilt.connect(lambda: self._walk.add(*self.fields.stops))

    def _make_parts(self) -> None:
        kit, words = self._kit, self._kit.words
        self.title = text(words("handout.none"), "title")
        self.chips = ChipRow()
        self.number = text(role="label")
        self.contents, self.facts, self.more_facts = Pairs(), Pairs(), Pairs()
        self.reveal_hint = text(words("case.masked"), "small")
        self.verdict = text(role="verdict", tone="warn", wrap=True)
        self.hint = text(role="hint", wrap=True)
        self.problem = text(role="problem", wrap=True)
        self.problem.hide()
        self.fields = WayFields(kit)
        self.thumbs = Thumbs(kit)
        self.proof_text = text(words("handout.no-proof"), "small")
        self.confirm = button("", self.finish, kind="main")
        self.papers = WorkList(kit.look, words("case.no-papers"))
        self.done = DoneStrip(kit, self.next_wanted.emit, self.print)
        self._ways_row = column(gap=0)
        self._originals_row = column(gap=0)
        self.ways: Segmented | None = None
        self.originals: Segmented | None = None

    def _lay_out(self) -> None:
        words = self._kit.words
        head = Card()
        first = box(row(self.title, self.chips, None, gap=10))
        second = box(row(None, self.number, gap=0))
        self._head = Fold(first, second, lambda: first.sizeHint().width() + second.sizeHint().width() + 40)
        head.body.addWidget(self._head)
        head.body.addWidget(self.verdict)
        told = Card(words("handout.contents"), *self._hint("handout.reveal", self.reveal_hint))
        told.body.addLayout(self.contents)
        halves = row(column(self.facts, None, gap=0), column(self.more_facts, None, gap=0), gap=24)
        halves.setStretch(0, 1)
        halves.setStretch(1, 1)
        told.body.addLayout(halves)
        self._proof_box = box(
            row(
                text(words("handout.proof"), "label"),
                self.thumbs,
                self.proof_text,
                None,
                *self._hint("handout.scan"),
                *self._hint("handout.add-file"),
                gap=8,
            )
        )
        self._back_box = box(column(text(words("handout.originals"), "label"), self._originals_row, gap=4))
        self._card_hint = box(row(*self._hint("handout.card"), gap=8))
        self._act = Card(words("handout.how"), self._card_hint)
        for part in (self._ways_row, self.hint, self.fields, self._back_box, self._proof_box):
            if isinstance(part, QWidget):
                self._act.body.addWidget(part)
            else:
                self._act.body.addLayout(part)
        papers = Card(words("case.papers"), *self._hint("handout.print"))
        papers.body.addWidget(self.papers, 1)
        papers.setMinimumHeight(self._kit.look.theme.px(150))
        keys = self._kit.actions.keys
        self._bar = Card()
        self._bar.body.addWidget(self.problem)
        self._bar.body.addLayout(
            row(self.confirm, key_cap(keys("handout.confirm")), 10, *self._hint("handout.back"), None, gap=8)
        )
        inner = column(told, self._act, papers, gap=GAP)
        inner.setStretch(2, 1)
        self._scroll = scroll(box(inner))
        whole = column(head, self.done, self._scroll, self._bar, gap=GAP)
        whole.setStretch(2, 1)
        self.setLayout(whole)
        self.clear()

    def _hint(self, action: str, label: QWidget | None = None) -> tuple[QWidget, QWidget]:
        actions = self._kit.actions
        return key_cap(actions.keys(action)), label or text(actions.title(action), "small")

    def reach(self, entered: QWidget) -> None:
        """Scroll to the field the keys went into."""
        if self._scroll.widget().isAncestorOf(entered):
            self._scroll.ensureWidgetVisible(entered, 0, 24)

    @property
    def stops(self) -> list[QWidget]:
        """Return the fields in reading order."""
        chosen = [part for part in (self.ways, *self.fields.stops, self.originals) if part is not None]
        return [*chosen, self.confirm, self.done.next, self.done.print, self.papers]

    @property
    def finished(self) -> bool:
        """Whether what is shown was just done."""
        return not self.done.isHidden()

    def clear(self) -> None:
        """Show nothing."""
        self.page, self.way, self.issued = None, None, ()
        self.title.setText(self._kit.words("handout.none"))
        self.number.setText("")
        self.chips.show_chips(())
        self.contents.show_pairs(())
        self.facts.show_pairs(())
        self.more_facts.show_pairs(())
        self.papers.show_lines(())
        for part in (self.verdict, self._act, self._bar, self.done):
            part.hide()

    def show_view(self, page: ResultPage) -> None:
        """Show a result that is to go; what was typed for another one is forgotten."""
        same = self.page is not None and self.page.case_id == page.case_id and not self.finished
        kept = self.way.key if same and self.way else page.way
        self._show_facts(page)
        self.done.hide()
        self.issued = ()
        if same and [w.key for w in page.ways] == [w.key for w in self._ways]:
            return
        self._ways = page.ways
        self.proof, self._chosen = None, ()
        self._act.setVisible(bool(page.ways))
        self._bar.setVisible(bool(page.ways))
        self._show_ways(page, kept if any(way.key == kept for way in page.ways) else page.way)

    def show_done(self, done: HandedOut) -> None:
        """Show what was done, with the keys on the way on."""
        self._show_facts(done.page)
        self._ways = ()
        self.way, self.proof, self.issued = None, None, done.papers
        self._act.hide()
        self._bar.hide()
        titles = "、".join(paper.title for paper in done.papers)
        self.done.say(done.headline, self._kit.words("handout.issued", papers=titles) if titles else "")
        self.done.print.setVisible(bool(titles))
        self.done.next.setFocus()

    _ways: tuple[Way, ...] = ()

    def _show_facts(self, page: ResultPage) -> None:
        words = self._kit.words
        self.page = page
        self.title.setText(page.title)
        self.chips.show_chips(page.chips)
        self.number.setText(spaced(page.case_no))
        self.verdict.setText(page.verdict)
        self.verdict.setVisible(bool(page.verdict))
        given = tuple(Pair(pair.label, pair.value or words("handout.no-number")) for pair in page.contents)
        self.contents.show_pairs(given)
        half = (len(page.facts) + 1) // 2
        self.facts.show_pairs(page.facts[:half])
        self.more_facts.show_pairs(page.facts[half:])
        self.reveal_hint.setText(words("case.revealed" if page.revealed else "case.masked"))
        self.papers.show_lines(tuple(_paper(paper) for paper in reversed(page.papers)))

    def _show_ways(self, page: ResultPage, chosen: str) -> None:
        words = self._kit.words
        if self.ways is not None:
            self.ways.deleteLater()
            self.ways = None
        if len(page.ways) > 1:
            options = tuple(OptionView(value=way.key, label=way.label) for way in page.ways)
            self.ways = Segmented(self._kit.look, words("handout.how"), options)
            self.ways.chosen.connect(self._choose)
            self._ways_row.addWidget(self.ways)
            self._walk.add(self.ways)
            self.ways.show_picked(chosen)
        self._show_originals(page.originals)
        self._choose(chosen)

    def _show_originals(self, options: tuple[OptionView, ...]) -> None:
        if self.originals is not None:
            self.originals.deleteLater()
            self.originals = None
        if options:
            self.originals = Segmented(
                self._kit.look, self._kit.words("handout.originals"), options, many=True
            )
            self.originals.chosen.connect(self._choose_originals)
            self._originals_row.addWidget(self.originals)
            self._walk.add(self.originals)

    def _choose_originals(self, chosen: tuple[str, ...]) -> None:
        self._chosen = chosen

    def _choose(self, key: str) -> None:
        way = next((one for one in self._ways if one.key == key), None)
        self.way = way
        self.problem.hide()
        if way is None:
            return
        self.fields.ask(way)
        self.hint.setText(way.hint)
        self.hint.setVisible(bool(way.hint))
        self._card_hint.setVisible(way.key == "pick-up")
        self._proof_box.setVisible(way.proof)
        self._back_box.setVisible(way.originals and self.originals is not None)
        self._show_proof(self.proof)
        self.confirm.setText(self._kit.words("handout.confirm-way", way=way.label))

    def keep_proof(self, keep: Callable[[], Digest]) -> None:
        """Fetch a picture with ``keep``, where the way has use for one."""
        if self.way is not None and self.way.proof:
            self.proof_text.setText(self._kit.words("handout.looking"))
            self._kit.jobs.io(self, keep, self.show_proof, self._no_proof, key="proof")

    def _no_proof(self, error: DeskError) -> None:
        self.proof_text.setText(self._kit.backend.sentence(error)[0])
        restyle(self.proof_text, tone="bad")

    def show_proof(self, proof: Digest) -> None:
        """Show the picture that was kept."""
        self.proof = proof
        self._show_proof(proof)

    def _show_proof(self, proof: Digest | None) -> None:
        self.thumbs.show_files((proof,) if proof else ())
        self.thumbs.setVisible(proof is not None)
        self.proof_text.setText(self._kit.words("handout.kept" if proof else "handout.no-proof"))
        restyle(self.proof_text, tone="good" if proof else "")

    def show_person(self, person: Person) -> None:
        """Take over whose card was read, and go on to what the card does not say."""
        if self.way is None or self.way.key != "pick-up":
            return
        self.fields.show_person(person)
        if not person.relation and self.fields.focus("relation"):
            return
        self.confirm.setFocus()

    def fill_tracking(self, number: str) -> None:
        """Take a parcel's barcode for the number of this parcel."""
        if any(way.key == "post" for way in self._ways) and (self.way is None or self.way.key != "post"):
            if self.ways is not None:
                self.ways.show_picked("post")
            self._choose("post")
        self.fields.fill("tracking_no", number)
        self.confirm.setFocus()

    def focus_first(self) -> None:
        """Put the keys where typing begins."""
        if self.finished:
            self.done.next.setFocus()
        elif self.way is not None and not self.fields.focus_first():
            self.confirm.setFocus()

    def finish(self) -> None:
        """Send what is typed, once everything required is there."""
        if self.finished:
            self.next_wanted.emit()
            return
        if self.way is None:
            return
        missing = self.fields.missing
        if missing:
            self.say(self._kit.words("case.missing", field=self.fields.label(missing)))
            self.fields.focus(missing)
            return
        typed = self.fields.values
        if self.way.originals and self._chosen:
            typed["originals"] = self._chosen
        if self.way.proof and self.proof:
            typed["proof"] = self.proof
        self.confirm.setEnabled(False)
        self.confirmed.emit(self.way.key, typed)

    def refused(self, error: DeskError) -> None:
        """Say what is wrong and put the keys there; what is typed stays."""
        self.confirm.setEnabled(True)
        field = error.where.rpartition(".")[2]
        if error.code == MISSING and field in self.fields.editors:
            self.say(self._kit.words("case.missing", field=self.fields.label(field)))
        else:
            self.say("".join(self._kit.backend.sentence(error)))
        if error.code == CHECK_DIGIT:
            self.fields.ask_override()
        if not self.fields.focus(field):
            self.confirm.setFocus()

    def say(self, sentence: str) -> None:
        """Say what keeps this from being done."""
        self.problem.setText(sentence)
        self.problem.show()

    def print(self) -> None:
        """Print what was just issued, or look at the paper chosen."""
        if self.issued:
            self.print_wanted.emit(self.issued)
        elif self.papers.lines:
            line = self.papers.lines[max(self.papers.currentIndex().row(), 0)]
            self.preview_wanted.emit(line.job_id, line.chip.text)


def _paper(paper: PaperLine) -> WorkLine:
    title = " · ".join(part for part in (paper.title, paper.doc_no) if part)
    return WorkLine(chip=Chip(paper.kind, "info"), text=title, right=paper.at, job_id=paper.id)

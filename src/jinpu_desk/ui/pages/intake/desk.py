"""The draft under the clerk's hands: every edit is explained at once and saved a moment later."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

from jinpu_desk.app.intake.drafts import Draft
from jinpu_desk.app.screens.views import IntakePage
from jinpu_desk.domain.errors import DeskError

from ...kit import Kit
from .edits import merge

AUTOSAVE_MS = 300
"""How long typing must rest before the draft is saved; leaving a field saves at once."""


class DraftDesk(QObject):
    """Holds the draft. ``explained`` brings the page for it, ``saved`` says that it is on disk."""

    explained = Signal(object)  # IntakePage
    replaced = Signal(object)  # Draft, when another one is on the page
    edited = Signal()
    saved = Signal()
    failed = Signal(object)  # DeskError

    def __init__(self, kit: Kit, parent: QObject) -> None:
        super().__init__(parent)
        self._kit = kit
        self.draft = Draft(id="")
        self.page: IntakePage | None = None
        self._kept = self.draft
        self._explained_draft: Draft | None = None
        self._then: Callable[[], object] | None = None
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(AUTOSAVE_MS)
        self._pause.timeout.connect(self.flush)

    def open(self, draft: Draft) -> None:
        """Put another draft on the page; the one before is saved first."""
        self.flush()
        self.draft = self._kept = draft
        self.page = self._explained_draft = self._then = None
        self.replaced.emit(draft)
        self._explain()

    def edit(self, draft: Draft) -> None:
        """Take what the clerk has just done."""
        if draft == self.draft:
            return
        self.draft = draft
        self._pause.start()
        self.edited.emit()
        self._explain()

    def when_explained(self, do: Callable[[], object]) -> None:
        """Do something once the page on the screen is that of the draft: a key must not act on an older one."""
        if self._explained_draft is self.draft:
            do()
        else:
            self._then = do

    def fill(self, work: Callable[[Draft], Draft], *, io: bool = False) -> None:
        """Let the archive, reader or scanner fill the draft, while the clerk may go on typing."""
        base = self.draft
        ask = self._kit.jobs.io if io else self._kit.jobs.ask
        ask(self, lambda: work(base), lambda filled: self._filled(base, filled), self.failed.emit)

    def flush(self) -> None:
        """Save now what is not saved."""
        self._pause.stop()
        draft = self.draft
        if draft == self._kept or not draft.id:
            return
        self._kept = draft
        self._kit.jobs.write(
            self,
            lambda: self._kit.backend.save_draft(draft),
            lambda _: self._is_saved(draft),
            lambda error: self._not_saved(error, draft),
        )

    def put_away(self) -> None:
        """Forget the draft without saving: it was taken in, or dropped."""
        self._pause.stop()
        self._kept = self.draft

    def explain_again(self) -> None:
        """Ask for the page anew: the day or the archive may have changed."""
        self._explain()

    def _is_saved(self, draft: Draft) -> None:
        if draft.id == self.draft.id:
            self.saved.emit()

    def _not_saved(self, error: DeskError, draft: Draft) -> None:
        if self._kept == draft:
            self._kept = Draft(id="")
        self.failed.emit(error)

    def _filled(self, base: Draft, filled: Draft) -> None:
        if filled.id == self.draft.id:
            self.edit(merge(base, filled, self.draft))

    def _explain(self) -> None:
        draft = self.draft
        if draft.id:
            explain = self._kit.backend.intake_page
            self._kit.jobs.ask(
                self,
                lambda: explain(draft),
                lambda page: self._explained(draft, page),
                self.failed.emit,
                key="page",
            )

    def _explained(self, draft: Draft, page: IntakePage) -> None:
        self.page, self._explained_draft = page, draft
        self.explained.emit(page)
        then, self._then = self._then, None
        if then is not None and draft is self.draft:
            then()

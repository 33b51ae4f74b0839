"""F1 and Ctrl+/: help of the page one came from, and every shortcut, both made from data."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

from PySide6.QtGui import QFont, QTextBlockFormat, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QGridLayout, QTextBrowser, QWidget

from ..actions import ActionBook, Scope
from ..kit import Kit
from ..widgets.flow import FlowRow
from ..widgets.parts import GAP, Card, column, key_cap, row, scroll, text

LINE_PERCENT = 140
SCOPES: tuple[Scope, ...] = get_args(Scope)
"""Where actions work, in the order of the list of shortcuts."""
ALSO: dict[str, tuple[Scope, ...]] = {"intake": ("checklist",), "cases": ("case",), "sync": ("conflict",)}
"""Scopes a page's help tells of besides its own."""


def help_text(folder: Path, page: str, actions: ActionBook, keys_heading: str) -> str:
    """Return the Markdown of a page's help with the list of its keys."""
    words = (folder / actions.language / f"{page}.md").read_text("utf-8")
    own = [scope for scope in SCOPES if scope == page]
    rows = [action for scope in (*own, *ALSO.get(page, ()), "window") for action in actions.of(scope)]
    language = actions.language
    lines = "\n".join(f"- **{a.keys(language)}**　{a.title(language)}：{a.help(language)}" for a in rows)
    return f"{words}\n\n## {keys_heading}\n\n{lines}\n"


class HelpPage(QWidget):
    """Renders the help of ``about``."""

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self.setObjectName("page")
        self._kit = kit
        self.about = "workbench"
        self.browser = QTextBrowser()
        self.browser.setOpenLinks(False)
        self.browser.document().setDocumentMargin(12)
        card = Card(
            kit.words("help.heading"),
            key_cap(kit.actions.keys("help.back")),
            text(kit.words("help.back"), "small"),
        )
        card.body.addWidget(self.browser, 1)
        self.setLayout(column(card, margins=16))

    def refresh(self) -> None:
        words, folder = self._kit.words, self._kit.resources / "help"
        known = (folder / self._kit.actions.language / f"{self.about}.md").is_file()
        page = self.about if known else "workbench"
        self.browser.setMarkdown(help_text(folder, page, self._kit.actions, words("keys.heading")))

        self._set_type()

    def _set_type(self) -> None:
        """Give lines room, and bold words the weight the bundled font has."""
        cursor = self.browser.textCursor()
        cursor.select(QTextCursor.SelectionType.Document)
        airy = QTextBlockFormat()
        airy.setLineHeight(LINE_PERCENT, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
        cursor.mergeBlockFormat(airy)
        strong = QTextCharFormat()
        strong.setFontWeight(QFont.Weight.DemiBold)
        block = self.browser.document().begin()
        while block.isValid():
            for part in block.textFormats():
                if part.format.fontWeight() > QFont.Weight.Normal:  # type: ignore[attr-defined]
                    cursor.setPosition(block.position() + part.start)  # type: ignore[attr-defined]
                    end = block.position() + part.start + part.length  # type: ignore[attr-defined]
                    cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
                    cursor.mergeCharFormat(strong)
            block = block.next()

    def focus_default(self) -> None:
        self.browser.setFocus()


class KeysPage(QWidget):
    """Every shortcut, by the place it works in."""

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self.setObjectName("page")
        self._kit = kit
        self._cards = FlowRow(GAP, top=True)
        self._made = False
        whole = column(self._cards, None, gap=GAP, margins=0)
        inner = QWidget()
        inner.setLayout(whole)
        self._area = scroll(inner)
        back = row(
            text(kit.words("keys.heading"), "title"),
            None,
            key_cap(kit.actions.keys("help.back")),
            text(kit.words("help.back"), "small"),
        )
        self.setLayout(column(back, self._area, gap=GAP, margins=16))

    def _card(self, scope: Scope) -> Card:
        card = Card(self._kit.words(f"keys.{scope}"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(5)
        for place, action in enumerate(self._kit.actions.of(scope)):
            grid.addWidget(key_cap(action.keys(self._kit.words.language)), place, 0)
            title = text(action.title(self._kit.words.language))
            title.setToolTip(action.help(self._kit.words.language))
            grid.addWidget(title, place, 1)
        grid.setColumnStretch(1, 1)
        card.body.addLayout(grid)
        return card

    def refresh(self) -> None:
        """Make the list when it is first asked for; actions do not change while the window is open."""
        if not self._made:
            self._made = True
            shown = (scope for scope in SCOPES if self._kit.actions.of(scope))
            self._cards.add(*map(self._card, shown))

    def focus_default(self) -> None:
        self.setFocus()

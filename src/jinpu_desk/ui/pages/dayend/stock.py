"""Seals and blank forms: counts typed against what was counted last."""

from __future__ import annotations

from PySide6.QtGui import QIntValidator
from PySide6.QtWidgets import QGridLayout, QLineEdit

from jinpu_desk.app.duty.duty_view import StockView

from ...kit import Kit
from ...widgets.parts import Card, clear, restyle, text
from ...widgets.walk import Walk

MOST = 99_999


class StockCard(Card):
    """One field for each thing; an empty one was not counted."""

    def __init__(self, kit: Kit) -> None:
        super().__init__(kit.words("dayend.stock"), text(kit.words("dayend.stock-how"), "small"))
        self._kit = kit
        self._stock: tuple[StockView, ...] = ()
        self.fields: dict[str, QLineEdit] = {}
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(10)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(0, 1)
        self.body.addLayout(self._grid)
        self._walk = Walk(self, lambda: list(self.fields.values()))

    def show_stock(self, stock: tuple[StockView, ...]) -> None:
        """Show what is to be counted; counts typed here stay."""
        if stock == self._stock:
            return
        typed = self.counted()
        self._stock = stock
        clear(self._grid)
        self.fields = {}
        for place, item in enumerate(stock):
            field = QLineEdit(str(typed[item.key]) if item.key in typed else "")
            field.setValidator(QIntValidator(0, MOST, field))
            field.setAccessibleName(item.name)
            field.setFixedWidth(self._kit.look.theme.px(76))
            field.textChanged.connect(self._show_differences)
            self._grid.addWidget(text(item.name), place, 0)
            known = self._kit.words("dayend.known", n=item.known) if item.known else ""
            self._grid.addWidget(text(known, "small"), place, 1)
            self._grid.addWidget(field, place, 2)
            self.fields[item.key] = field
        self._walk.add(*self.fields.values())
        self._show_differences()

    def counted(self) -> dict[str, int]:
        """Return what was counted."""
        return {key: int(field.text()) for key, field in self.fields.items() if field.text().isdigit()}

    def clear_counts(self) -> None:
        """Empty every field: what was typed is on a sheet now."""
        for field in self.fields.values():
            field.clear()

    def _show_differences(self) -> None:
        for item in self._stock:
            field = self.fields[item.key]
            differs = bool(item.known and field.text() and field.text() != item.known)
            restyle(field, wrong="true" if differs else "false")

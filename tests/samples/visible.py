"""Everything a window tells: what its widgets show, their tooltips, what they are called aloud, and window titles."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QAbstractItemModel, QAbstractTableModel, QModelIndex, Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QTextEdit,
    QWidget,
)

ROLES = (
    Qt.ItemDataRole.DisplayRole,
    Qt.ItemDataRole.ToolTipRole,
    Qt.ItemDataRole.StatusTipRole,
    Qt.ItemDataRole.AccessibleTextRole,
    Qt.ItemDataRole.AccessibleDescriptionRole,
    Qt.ItemDataRole.UserRole,  # the line that delegates paint
)


def told(window: QWidget) -> str:
    """Return all of it, one thing a line; hidden widgets are silent."""
    widgets = [window, *(each for each in window.findChildren(QWidget) if each.isVisible())]
    titles = (each.windowTitle() for each in QApplication.topLevelWidgets())
    return "\n".join(filter(None, [*titles, *(text for widget in widgets for text in _of(widget))]))


def _of(widget: QWidget) -> Iterator[str]:
    yield from (widget.toolTip(), widget.statusTip(), widget.whatsThis(), widget.windowTitle())
    yield from (widget.accessibleName(), widget.accessibleDescription())
    match widget:
        case QLabel() | QPushButton():
            yield widget.text()
        case QLineEdit():
            yield from (widget.displayText(), widget.placeholderText())
        case QPlainTextEdit() | QTextEdit():
            yield widget.toPlainText()
        case QComboBox():
            yield from (widget.itemText(place) for place in range(widget.count()))
        case QAbstractItemView() if widget.model() is not None:
            yield from _cells(widget.model())


def _cells(model: QAbstractItemModel) -> Iterator[str]:
    root = QModelIndex()
    columns = model.columnCount(root) if isinstance(model, QAbstractTableModel) else 1
    for line in range(model.rowCount(root)):
        for place in range(columns):
            index = model.index(line, place, root)
            yield from (str(index.data(role) or "") for role in ROLES)

"""Actions as data: ``resources/actions.toml`` names each with its titles, key, scope and help; here they become
``QAction`` objects of the window that are switched by the page shown."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Literal

import msgspec
from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

Scope = Literal[
    "window",
    "workbench",
    "intake",
    "checklist",
    "cases",
    "case",
    "scan",
    "handout",
    "passing",
    "archive",
    "reports",
    "sync",
    "conflict",
    "dayend",
    "preview",
    "help",
]
"""Where an action works: everywhere after login, on one page, or on keys of the checklist table alone."""


class ActionData(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One action. ``shortcut`` is a portable key sequence; ``help_*`` is one sentence."""

    id: str
    zh: str
    en: str
    shortcut: str
    when: Scope
    help_zh: str
    help_en: str

    def title(self, language: str) -> str:
        return self.en if language == "en" else self.zh

    def help(self, language: str) -> str:
        return self.help_en if language == "en" else self.help_zh

    def keys(self, language: str) -> str:
        """Return the shortcut as a key cap shows it: ``Ctrl M``, ``空格``."""
        return key_text(self.shortcut, language)


_KEY_NAMES = {"Space": "空格", "Return": "回车", "Esc": "Esc"}


def key_text(shortcut: str, language: str = "zh") -> str:
    """Return a portable key sequence as a key cap shows it."""
    parts = shortcut.replace("++", "+Plus").split("+")
    names = {"Plus": "+", **(_KEY_NAMES if language == "zh" else {})}
    return " ".join(names.get(part, part) for part in parts)


def read_actions(file: Path) -> tuple[ActionData, ...]:
    """Read and check the actions file; raises ``msgspec.ValidationError`` naming what is wrong."""
    raw = tomllib.loads(file.read_text("utf-8"))
    return msgspec.convert(raw["action"], tuple[ActionData, ...])


class ActionBook(QObject):
    """All actions of the window. Pages bind what an action does; the shell says which scopes are on."""

    def __init__(self, data: Iterable[ActionData], language: str) -> None:
        super().__init__()
        self.data = {action.id: action for action in data}
        self.language = language
        self._actions: dict[str, QAction] = {}

    def install(self, window: QWidget) -> None:
        """Create the ``QAction`` objects on the window; checklist keys are the table's own and get none."""
        for data in self.data.values():
            if data.when == "checklist":
                continue
            action = QAction(data.title(self.language), window)
            action.setObjectName(data.id)
            action.setShortcut(QKeySequence(data.shortcut, QKeySequence.SequenceFormat.PortableText))
            action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
            action.setAutoRepeat(False)
            action.setEnabled(False)
            window.addAction(action)
            self._actions[data.id] = action

    def bind(self, action_id: str, do: Callable[[], object]) -> None:
        """Say what happens when the action is triggered."""
        self._actions[action_id].triggered.connect(lambda _checked=False: do())

    def action(self, action_id: str) -> QAction:
        return self._actions[action_id]

    def switch(self, scopes: set[str]) -> None:
        """Enable the actions of these scopes and no others."""
        for action_id, action in self._actions.items():
            action.setEnabled(self.data[action_id].when in scopes)

    def of(self, scope: Scope) -> tuple[ActionData, ...]:
        return tuple(action for action in self.data.values() if action.when == scope)

    def keys(self, action_id: str) -> str:
        """Return the key cap text of an action."""
        return self.data[action_id].keys(self.language)

    def title(self, action_id: str) -> str:
        return self.data[action_id].title(self.language)

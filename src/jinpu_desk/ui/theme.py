"""Colours and type as data: a theme is a TOML table of colour roles, a scale multiplies every length."""

from __future__ import annotations

import string
import tomllib
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication

from jinpu_desk.app.screens.views import Tone

from .preferences import SCALES, Choices, Preferences

FAMILIES = ["Noto Sans SC", "Jinpu Serif SC", "Jinpu Rare Han"]
"""Screen family, then the ones that hold what it lacks of GB 18030-2022 (Extension A; Extensions B and later).

The latter bear names of our own, so that no installed font is taken for them.
"""
FONT_FILES = (
    "NotoSansSC-Regular.ttf",
    "NotoSansSC-SemiBold.ttf",
    "NotoSerifSC-Regular.ttf",
    "JinpuRareHan.ttf",
)
TONES: tuple[Tone, ...] = ("neutral", "good", "info", "warn", "bad", "tolerated", "pledged")
BODY_PX = 15


@dataclass(frozen=True, slots=True)
class Theme:
    """A theme at a scale. ``colours`` are ``#rrggbb`` by role; tones are ``<tone>`` and ``<tone>-back``."""

    name: str
    scale: float
    colours: dict[str, str]

    def colour(self, role: str) -> QColor:
        return QColor(self.colours[role])

    def tone(self, tone: Tone) -> tuple[QColor, QColor]:
        """Return the text and background colours of a tone."""
        return self.colour(tone), self.colour(f"{tone}-back")

    def px(self, length: float) -> int:
        """Return a length of the normal scale in pixels of this one."""
        return round(length * self.scale)

    def font(self, size: float = BODY_PX, *, strong: bool = False) -> QFont:
        """Return the screen font at ``size`` pixels of the normal scale."""
        font = QFont(FAMILIES)
        font.setPixelSize(self.px(size))
        font.setWeight(QFont.Weight.DemiBold if strong else QFont.Weight.Normal)
        return font

    def style_sheet(self, template: str, icons: Path) -> str:
        """Fill a style sheet: ``${accent}`` is a colour role, ``${px15}`` a scaled length, ``${check}`` an icon."""
        blanks = {role.replace("-", "_"): value for role, value in self.colours.items()}
        blanks |= {f"px{n}": f"{self.px(n)}px" for n in range(1, 65)}
        blanks |= {"check": (icons / "check.svg").as_posix(), "arrow": (icons / "arrow-down.svg").as_posix()}
        return string.Template(template).substitute(blanks)

    def palette(self) -> QPalette:
        """Return the Qt palette, for everything the style sheet leaves alone."""
        palette = QPalette()
        roles = QPalette.ColorRole
        for role, name in (
            (roles.Window, "back"),
            (roles.Base, "card"),
            (roles.AlternateBase, "back"),
            (roles.Text, "text"),
            (roles.WindowText, "text"),
            (roles.ButtonText, "text"),
            (roles.Button, "card"),
            (roles.Highlight, "accent"),
            (roles.HighlightedText, "accent-text"),
            (roles.ToolTipBase, "side"),
            (roles.ToolTipText, "side-text"),
            (roles.PlaceholderText, "muted"),
            (roles.Link, "accent"),
        ):
            palette.setColor(role, self.colour(name))
        return palette


def load_theme(folder: Path, name: str, scale: float) -> Theme:
    """Read ``<name>.toml``; raises ``KeyError`` later for a role it lacks, so tests check them all."""
    raw = tomllib.loads((folder / f"{name}.toml").read_text("utf-8"))
    return Theme(name, scale, {str(role): str(value) for role, value in raw["colours"].items()})


def load_fonts(folder: Path) -> tuple[str, ...]:
    """Register the bundled screen fonts once; return the files that could not be."""
    if FAMILIES[-1] in QFontDatabase.families():
        return ()
    return tuple(name for name in FONT_FILES if QFontDatabase.addApplicationFont(str(folder / name)) < 0)


class Look(QObject):
    """The theme in force, and the one place that puts it on the application."""

    changed = Signal()

    def __init__(self, resources: Path, choices: Choices) -> None:
        super().__init__()
        self._folder = resources / "themes"
        self._icons = resources / "icons"
        self._template = (self._folder / "desk.qss").read_text("utf-8")
        self.theme = self._load(choices.now)
        choices.changed.connect(self._follow)

    def _load(self, chosen: Preferences) -> Theme:
        return load_theme(self._folder, chosen.theme, SCALES[chosen.scale])

    def apply(self) -> None:
        """Put palette, font and style sheet on the application."""
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        application.setStyle("Fusion")
        application.setPalette(self.theme.palette())
        application.setFont(self.theme.font())
        application.setStyleSheet(self.theme.style_sheet(self._template, self._icons))

    def _follow(self, chosen: Preferences) -> None:
        theme = self._load(chosen)
        if theme != self.theme:
            self.theme = theme
            self.apply()
            self.changed.emit()

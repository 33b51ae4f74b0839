"""The frame around every page: top bar, navigation at the left, status bar at the foot."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QWidget

from jinpu_desk.app.screens.views import Badges, DeviceLine, SyncTruth, Who

from .kit import Kit
from .pages.book import BOOK
from .search import SearchBox
from .widgets.parts import clear, column, key_cap, restyle, row, text
from .widgets.pressable import Pressable

DOT = " · "
SEARCH_PX = (210, 560)
"""Least and most width of the search field."""
FIRST, LAST = ("go.workbench", "go.intake", "go.cases"), ("go.sync", "go.settings")
"""What the sidebar begins and ends with; the pages of the book stand between, in its order."""


class SyncPill(Pressable):
    """离线 12 分钟 · 待传 3 件: the truth about sync, always in sight; opens 同步."""

    def __init__(self) -> None:
        super().__init__("pill")
        self._dot = text("●", "dot")
        self._words = text()
        inner = row(self._dot, self._words, gap=8)
        inner.setContentsMargins(14, 4, 14, 5)
        self.setLayout(inner)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)

    def show_truth(self, truth: SyncTruth) -> None:
        self.setAccessibleName(truth.text)
        self.setToolTip(truth.text)
        for part in (self, self._dot, self._words):
            restyle(part, tone=truth.tone)

    def show_words(self, words: str) -> None:
        self._words.setText(words)


class TopBar(QFrame):
    """Product, place and person, global search, sync."""

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self.setObjectName("topbar")
        self._kit = kit
        self._where: tuple[str, ...] = ()
        self._truth: tuple[str, ...] = ()
        self._brand = text(role="brand")
        self._place = text(role="label")
        self._training = text(kit.words("shell.training"), "training")
        self._training.hide()
        self.search = SearchBox(kit)
        self.pill = SyncPill()
        bar = row(self._brand, 10, self._place, self._training, 4, self.search, None, self.pill, gap=8)
        bar.setContentsMargins(18, 8, 18, 8)
        bar.setStretchFactor(self.search, 10)
        bar.setAlignment(self._training, Qt.AlignmentFlag.AlignVCenter)
        self.setLayout(bar)
        self.fit()
        kit.look.changed.connect(self.fit)

    def show_who(self, who: Who) -> None:
        self._brand.setText(who.product)
        self._where = tuple(part for part in (who.station, who.window, who.clerk) if part)
        self._place.setToolTip(DOT.join(self._where))
        self._training.setVisible(who.training)
        self.fit()

    def show_truth(self, truth: SyncTruth) -> None:
        self._truth = tuple(truth.text.split(DOT))
        self.pill.show_truth(truth)
        self.fit()

    def fit(self) -> None:
        """Give the search field its width at this scale; in a small window say less, never cut words off."""
        px = self._kit.look.theme.px
        self.search.setMinimumWidth(px(SEARCH_PX[0]))
        self.search.setMaximumWidth(px(SEARCH_PX[1]))
        fixed = (
            self._brand.sizeHint().width() + px(SEARCH_PX[0]) + self._training.sizeHint().width() + px(170)
        )
        metrics = self._place.fontMetrics()
        for less_place, less_truth in ((0, 0), (1, 0), (1, 1), (2, 1), (2, 2)):
            place = DOT.join(self._where[less_place:] or self._where[-1:])
            truth = DOT.join(self._truth[: max(len(self._truth) - less_truth, 1)])
            if fixed + metrics.horizontalAdvance(place) + metrics.horizontalAdvance(truth) <= self.width():
                break
        self._place.setText(place)
        self.pill.show_words(truth)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()


class NavigationEntry(Pressable):
    """One page in the sidebar, with what waits there and its key."""

    def __init__(self, title: str, keys: str) -> None:
        super().__init__("navigation")
        self._badge = text(role="badge")
        self._badge.hide()
        line = row(text(title, "entry"), None, self._badge, key_cap(keys, "side"), gap=5)
        line.setContentsMargins(15, 9, 14, 9)
        self.setLayout(line)
        self.setAccessibleName(f"{title} {keys}")

    def show_badge(self, count: int, *, urgent: bool) -> None:
        self._badge.setText(str(count) if count < 1000 else "999+")
        self._badge.setVisible(count > 0)
        restyle(self._badge, tone="bad" if urgent else "")


class SideBar(QFrame):
    """The pages there are."""

    chosen = Signal(str)  # an action id

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self.setObjectName("sidebar")
        self._kit = kit
        self.entries = {
            name: NavigationEntry(kit.actions.title(name), kit.actions.keys(name))
            for name in (*FIRST, *BOOK, *LAST)
        }
        for name, entry in self.entries.items():
            entry.pressed.connect(lambda name=name: self.chosen.emit(name))
        listed = column(12, *self.entries.values(), None, gap=0)
        self.setLayout(listed)
        self.fit()
        kit.look.changed.connect(self.fit)

    def show_badges(self, badges: Badges) -> None:
        self.entries["go.workbench"].show_badge(badges.workbench, urgent=True)
        self.entries["go.cases"].show_badge(badges.cases, urgent=False)
        self.entries["go.handout"].show_badge(badges.hand_out, urgent=False)
        self.entries["go.passing"].show_badge(badges.passing, urgent=False)
        self.entries["go.sync"].show_badge(badges.sync, urgent=False)

    def mark(self, current: str) -> None:
        for name, entry in self.entries.items():
            restyle(entry, current=name == current)

    def fit(self) -> None:
        self.setFixedWidth(max(self._kit.look.theme.px(196), self.sizeHint().width()))


class StatusBar(QFrame):
    """Devices at the left; help, keys and the time at the right."""

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self.setObjectName("statusbar")
        self._kit = kit
        self._devices = QHBoxLayout()
        self._devices.setSpacing(24)
        self._shown: tuple[DeviceLine, ...] | None = None
        self._time = text(role="small")
        note = text(role="small")
        self._note = note
        bar = row(
            self._devices, note, None, *self._hint("help"), 8, *self._hint("keys"), 8, self._time, gap=6
        )
        bar.setContentsMargins(18, 7, 18, 7)
        self.setLayout(bar)
        self._clock = QTimer(self)
        self._clock.setInterval(1000)
        self._clock.timeout.connect(self.tick)
        self._clock.start()
        self.tick()

    def _hint(self, action: str) -> tuple[QWidget, QWidget]:
        actions = self._kit.actions
        return key_cap(actions.keys(action)), text(actions.title(action), "small")

    def show_devices(self, devices: tuple[DeviceLine, ...]) -> None:
        if devices == self._shown:
            return
        self._shown = devices
        clear(self._devices)
        for device in devices:
            parts = (
                text(device.label, "small"),
                text("●", "dot", tone=device.tone),
                text(device.state, "small"),
            )
            self._devices.addLayout(row(*parts, gap=4))

    def tick(self) -> None:
        """Show the date, weekday and time of the counter."""
        self._time.setText(self.moment(self._kit.now()))

    def moment(self, now: datetime) -> str:
        weekday = self._kit.words(f"weekday.{now.isoweekday()}")
        return f"{now:%Y-%m-%d} {weekday} {now:%H:%M}"

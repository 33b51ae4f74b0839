"""The window's backend: the app's functions over the desk that is open now."""

from __future__ import annotations

import threading
from dataclasses import replace
from functools import cached_property

from jinpu_desk.app.desk import Desk
from jinpu_desk.app.intake import intake_view
from jinpu_desk.app.intake.drafts import Draft
from jinpu_desk.app.roles import labels as role_labels
from jinpu_desk.app.screens.views import Who
from jinpu_desk.catalogue.search import ItemIndex
from jinpu_desk.domain.errors import DeskError

from ..home.login_log import note_lock, note_login
from ..home.opening import open_desk
from ..home.unlocking import unlock
from .archive import ArchiveCalls
from .calendar import CalendarCalls
from .conflicts import ConflictCalls
from .delivery import DeliveryCalls
from .house import HouseCalls
from .intake import IntakeCalls
from .messenger import Messenger
from .movement import MovementCalls
from .reports import ReportCalls
from .state import StateCalls

PRODUCT = "金普窗口通"
WARM_AFTER_SECONDS = 1.5
"""How long after the login the quiet work begins."""


class DeskBackend(
    DeliveryCalls,
    IntakeCalls,
    MovementCalls,
    StateCalls,
    ArchiveCalls,
    ReportCalls,
    CalendarCalls,
    HouseCalls,
    ConflictCalls,
):
    """Implements ``ui.backend.Backend``. Calls come from the window's workers, one at a time per kind."""

    _warming: threading.Timer | None = None

    @cached_property
    def _loading(self) -> threading.Thread:
        return threading.Thread(target=_load_rooms, name="load", daemon=True)

    def known_clerks(self) -> tuple[str, ...]:
        """Return the logins that have a key slot here.

        The door is open when it asks; while somebody types a password, what comes after it is loaded.
        """
        if self._loading.ident is None:
            self._loading.start()
        return tuple(self._enrolment.ring.clerks())

    def login(self, clerk: str, password: str) -> None:
        """Unlock the desk and start the messenger; whoever locked the window finds it as it was.

        For somebody else everything is closed and opened anew, and where this desk needs another number.
        """
        data_key, grant = unlock(self._enrolment, clerk, password)
        if self._opened is not None and self._opened.may_go_on(grant.clerk.id):
            self._opened.desk = replace(self._opened.desk, clerk=grant.clerk)
            self._locked = False
            note_login(self._opened.desk, self._enrolment.ring, "unlock")
            return
        self.close()
        self._opened = open_desk(self._enrolment, data_key, grant, self._papers)
        self._locked = False
        note_login(self._opened.desk, self._enrolment.ring, "window")
        self._messenger = Messenger(self._opened, self._changed)
        self._messenger.start()
        # The first paper and the first item search should not wait for fonts and dictionaries, nor the
        # workbench for them.
        self._warming = threading.Timer(WARM_AFTER_SECONDS, self._warm, args=(self._opened.desk,))
        self._warming.daemon = True
        self._warming.start()

    def _warm(self, desk: Desk) -> None:
        self._papers.warm()
        self._index = (desk.catalogue.digest, ItemIndex(desk.catalogue))
        # Compiles the conditions of every item; the first page would take a third of a second.
        for key, item in desk.catalogue.items.items():
            if item.role != "branch":  # a branch is never a page of its own
                intake_view.intake_page(desk, Draft(id="warm", target=key))

    def lock(self, idle: bool = False) -> None:
        """Answer nothing more until a password is given; what is saved goes on being sent."""
        if self._opened is None or self._locked:
            return
        note_lock(self._opened.desk, idle=idle)
        self._locked = True

    def close(self) -> None:
        """Stop the messenger, close the store and forget the key."""
        if self._warming is not None:
            self._warming.cancel()
        if self._messenger is not None:
            self._messenger.stop()
        if self._opened is not None:
            self._opened.close()
        self._messenger = self._opened = None
        self._owner.clear()

    def who(self) -> Who:
        """Return who and where, or only where while nobody is in."""
        replica = self._enrolment.replica
        opened = self._opened
        return Who(
            product=PRODUCT,
            station=replica.station_name,
            window=replica.window,
            clerk=opened.desk.clerk.display_name if opened else "",
            roles=role_labels(opened.desk.roles, opened.desk.clerk.roles) if opened else (),
            training=replica.training,
        )

    def sentence(self, error: DeskError) -> tuple[str, str]:
        """Return the sentence and the one thing to do."""
        return self._enrolment.parts.sentences.of(error)


def _load_rooms() -> None:
    """Import ahead of their first use what the workbench and the item menu need; the first condition of an item costs a
    third of a second."""
    import pypinyin  # noqa: F401

    import jinpu_desk.store.desk  # noqa: F401
    from jinpu_desk.catalogue.conditions import holds

    holds("answers.route == 'pledge'", {"answers": {"route": ""}, "agent": False, "form": {}})

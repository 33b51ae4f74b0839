"""Starts the window on an enrolled home: settings, devices, log, and the backend, joined."""

from __future__ import annotations

import logging
import traceback
from pathlib import Path
from types import TracebackType

import msgspec

from jinpu_desk.app import labels
from jinpu_desk.app.ports.devices import IdReader, Printing
from jinpu_desk.app.screens.views import OptionView
from jinpu_desk.devices.id_reader import BridgeIdReader
from jinpu_desk.devices.printers import AllPrinting, CupsPrinting, FolderPrinter
from jinpu_desk.domain.instants import CHINA
from jinpu_desk.store.atomic import write_file
from jinpu_desk.store.home import Home
from jinpu_desk.ui import app as ui_app
from jinpu_desk.ui.preferences import Preferences

from ..home.desk_settings import licence_lookup, read_settings
from ..home.enrolment import Enrolment
from ..home.logbook import logged
from ..parts import Parts
from .backend import DeskBackend

SETTINGS = "window.json"


def run_window(parts: Parts, path: Path) -> int:
    """Open the window on the home at ``path`` and return its exit code.

    Raises:
        Unavailable: ``home.locked``, ``home.not-enrolled`` …
    """
    with Home(path) as home:
        return show(home, parts)


def show(home: Home, parts: Parts) -> int:
    """Open the window on a home that is held already."""
    with logged(home):
        return _shown(home, parts)


def _shown(home: Home, parts: Parts) -> int:
    enrolment = Enrolment(home, parts)
    preferences = _preferences(home)
    settings = read_settings(home)
    port = settings.devices.id_reader_port
    reader: IdReader | None = BridgeIdReader(port) if port else None
    folder = Path(preferences.scan_folder) if preferences.scan_folder else None
    backends: list[DeskBackend] = []

    def backend() -> DeskBackend:
        made = DeskBackend(
            enrolment,
            printers=_printers(home),
            reader=reader,
            scan_folder=folder,
            licences=licence_lookup(home, settings.licences),
        )
        backends.append(made)
        return made

    window = ui_app.WindowSettings(
        resources=parts.folder,
        preferences=preferences,
        keep_preferences=lambda chosen: write_file(home.path / SETTINGS, msgspec.json.encode(chosen)),
        now=lambda: enrolment.clock.now().astimezone(CHINA),
        id_types=tuple(
            OptionView(value=code, label=name) for code, name in labels.ID_TYPES.items() if code != "001"
        ),
        report_bug=_report,
    )
    try:
        return ui_app.run_window(backend, window)
    finally:
        for made in backends:
            made.close()


def _printers(home: Home) -> Printing:
    """The system's printers, and one that writes files where no printer is."""
    return AllPrinting(CupsPrinting(), FolderPrinter(home.folder("out")))


def _preferences(home: Home) -> Preferences:
    path = home.path / SETTINGS
    try:
        return msgspec.json.decode(path.read_bytes(), type=Preferences)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return Preferences()


def _report(kind: type[BaseException], bug: BaseException, trace: TracebackType | None) -> None:
    """Write where a bug struck, not what it said: its message may hold what a clerk typed."""
    places = "".join(traceback.format_tb(trace))
    logging.getLogger(__name__).error("bug %s\n%s", kind.__name__, places)

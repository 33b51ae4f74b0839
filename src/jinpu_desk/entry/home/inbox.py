"""Where scans of an unlocked desk come in."""

from __future__ import annotations

from pathlib import Path

from jinpu_desk.devices.hot_folder import HotFolder
from jinpu_desk.devices.spool import Spool
from jinpu_desk.store.spooling import SpoolSealing

from .unlocked import OpenDesk


def scan_inbox(opened: OpenDesk, folder: Path | None = None) -> HotFolder:
    """Return the inbox of an unlocked desk; scans come from ``folder``, or from the home's own ``hot``."""
    home = opened.enrolment.home
    return HotFolder(folder or home.folder("hot"), Spool(home.folder("spool"), SpoolSealing(opened.data_key)))

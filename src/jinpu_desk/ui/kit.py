"""What every page is built with, handed down from the composition root: no page reaches for a global."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from jinpu_desk.app.screens.views import OptionView

from .actions import ActionBook
from .backend import Backend
from .jobs import Jobs
from .preferences import Choices
from .theme import Look
from .words import Words


@dataclass(frozen=True, slots=True)
class Kit:
    """The tools of a page. ``now`` gives the local time of the counter."""

    backend: Backend
    jobs: Jobs
    words: Words
    look: Look
    actions: ActionBook
    choices: Choices
    now: Callable[[], datetime]
    id_types: tuple[OptionView, ...]
    resources: Path

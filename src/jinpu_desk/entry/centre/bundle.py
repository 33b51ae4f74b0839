"""``jinpu-server bundle import``: a stick brought to the centre itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from jinpu_desk.server.centre import Centre
from jinpu_desk.server.events.bundles import receive_bundle
from jinpu_desk.sync.bundle import answer_path, reading
from jinpu_desk.sync.bundle_files import Drafts


def import_bundle(centre: Centre, source: Path, out: Path | None) -> dict[str, Any]:
    """Take a bundle in and write its answer beside it, or to ``out``; return what it brought."""
    place = out or answer_path(source)
    with reading(source) as file, Drafts(place) as drafts:
        imported = receive_bundle(centre, file, drafts.open())
        drafts.keep()
    answer: dict[str, Any] = msgspec.to_builtins(imported)
    return answer | {"answer": str(place)}

"""Where the product's data files are."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from jinpu_desk.domain.errors import Unavailable

VARIABLE = "JINPU_RESOURCES"


def resources_dir() -> Path:
    """Return the folder ``resources``: ``JINPU_RESOURCES``, the checkout's own, or the one beside the interpreter.

    Raises Unavailable ``resources.missing`` when none of them is there.
    """
    named = os.environ.get(VARIABLE)
    candidates = (
        [Path(named)]
        if named
        else [
            Path(__file__).parents[3] / "resources",
            Path(sys.prefix) / "share" / "jinpu-desk" / "resources",
        ]
    )
    for folder in candidates:
        if (folder / "messages").is_dir():
            return folder
    raise Unavailable("resources.missing", VARIABLE)


def folder_files(folder: Path, *suffixes: str) -> dict[str, bytes]:
    """Return the files below ``folder`` with one of ``suffixes``, by relative POSIX name; hidden ones are left out."""
    return {
        name: path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and path.suffix in suffixes
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
        and (name := path.relative_to(folder).as_posix())
    }

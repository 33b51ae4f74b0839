"""Files that are either the old one or the new one, whenever the power goes."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from jinpu_desk.domain.errors import Unavailable

PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700
_DRAFT = ".new"
_FULL = {errno.ENOSPC, errno.EDQUOT} if hasattr(errno, "EDQUOT") else {errno.ENOSPC}


@contextmanager
def disk_faults(where: str) -> Iterator[None]:
    """Turn a full or failing disk into Unavailable ``store.disk-full`` or ``store.io``."""
    try:
        yield
    except OSError as error:
        code = "store.disk-full" if error.errno in _FULL else "store.io"
        raise Unavailable(code, where, problem=error.strerror or "") from error


def make_folder(folder: Path) -> Path:
    """Return ``folder``, made when absent and readable by its owner only."""
    with disk_faults(folder.name):
        folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
        folder.chmod(PRIVATE_FOLDER)
    return folder


def write_file(path: Path, data: bytes, drafts: Path | None = None) -> None:
    """Put ``data`` at ``path`` durably: temporary file, fsync, rename, fsync of the folder.

    The temporary file lies beside it, or in the folder ``drafts`` of the same disk.
    """
    draft = (drafts or path.parent) / f".{path.name}.{os.getpid()}{_DRAFT}"
    with disk_faults(path.name):
        try:
            handle = os.open(
                draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), PRIVATE_FILE
            )
            with open(handle, "wb") as file:  # noqa: PTH123 (takes over the descriptor)
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
        sync_folder(path.parent)


def clear_drafts(folder: Path) -> None:
    """Remove what a killed process left half-written in ``folder``, of which nobody else may be writing now."""
    for draft in folder.glob(f".*{_DRAFT}"):
        with contextlib.suppress(OSError):
            shutil.rmtree(draft) if draft.is_dir() else draft.unlink()


def sync_folder(folder: Path) -> None:
    """Make a rename in ``folder`` survive a power cut; Windows does so by itself."""
    if sys.platform == "win32":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

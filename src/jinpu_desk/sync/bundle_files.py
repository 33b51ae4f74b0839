"""Files on somebody's stick: written beside their place, and in their place only when all of them are whole."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from jinpu_desk.domain.errors import Unavailable


class Drafts:
    """The parts of one file, which appear together. Use it as a context manager; without ``keep`` nothing stays."""

    def __init__(self, target: Path) -> None:
        """The first part will be ``target``, the second ``name-2.ext`` beside it, and so on."""
        self._target = target
        self._open: list[tuple[BinaryIO, Path, Path]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for file, draft, _place in self._open:
            with contextlib.suppress(OSError):  # closing writes what a full stick did not take
                file.close()
            with contextlib.suppress(OSError):
                draft.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise Unavailable("bundle.unwritable", self._target.name, problem=error.strerror or "") from error

    def open(self) -> BinaryIO:
        """Begin the next part."""
        place = part_path(self._target, len(self._open) + 1)
        draft = place.with_name(f".{place.name}.{os.getpid()}.new")
        file = draft.open("wb")
        self._open.append((file, draft, place))
        return file

    def keep(self) -> dict[Path, int]:
        """Put every part in its place, durably; return their sizes."""
        sizes = {}
        for file, _draft, place in self._open:
            file.flush()
            os.fsync(file.fileno())
            sizes[place] = file.tell()
            file.close()
        for _file, draft, place in self._open:
            draft.replace(place)
        if os.name == "posix":
            handle = os.open(self._target.parent, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
        return sizes


def part_path(target: Path, number: int) -> Path:
    """Return where part ``number`` (from 1) of ``target`` lies."""
    return target if number == 1 else target.with_name(f"{target.stem}-{number}{target.suffix}")

"""A disk that forgets: what a log of system calls leaves behind when the power goes at any of its calls.

The model is the strictest POSIX allows. Bytes are durable once their file was synced after they were written, names
once their folder was. Of everything since then a power cut keeps whatever it likes: nothing, all, or some of it, the
last write torn at a sector. (``mmap`` is left out: SQLite maps only ``-shm``, which it makes anew after a crash.)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

SECTOR = 512
OPTIONS = ("-f", "-y", "-xx", "-s", "16777216")
"""How ``strace`` must be told to log whole writes with the file each goes to."""
CALLS = "open,openat,write,pwrite64,ftruncate,fsync,fdatasync,rename,unlink,mkdir,close"
_LINE = re.compile(r"^(\d+) +([a-z0-9_]+)\((.*)\) += (-?\d+)(?:<([^>]*)>)?")
_TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
_FD = re.compile(r"^(\d+)<([^>]*)>")


@dataclass
class Inode:
    """A file: what is on the disk for sure, and what came since."""

    durable: bytes = b""
    pending: list[tuple[int, bytes | None]] = field(
        default_factory=list
    )  # (offset, data); None: cut at offset

    def content(self, keep: Callable[[], bool], torn: Random | None = None) -> bytes:
        """The bytes when of what came since only what ``keep`` says is there."""
        raw = bytearray(self.durable)
        for offset, data in self.pending:
            if not keep():
                continue
            if data is None:
                del raw[offset:]
                raw.extend(bytes(max(offset - len(raw), 0)))
                continue
            kept = data
            if torn is not None and len(data) > SECTOR and torn.random() < 0.2:
                kept = data[: SECTOR * torn.randrange(1, len(data) // SECTOR + 1)]
            raw.extend(bytes(max(offset - len(raw), 0)))
            raw[offset : offset + len(kept)] = kept
        return bytes(raw)

    def sync(self) -> None:
        """Everything written so far is on the disk."""
        self.durable = self.content(lambda: True)
        self.pending.clear()


Names = dict[str, Inode | None]  # None: a folder


class Disk:
    """A folder as it goes through a log. ``told`` is what a given file outside of it was told so far."""

    def __init__(self, folder: Path, told_at: Path) -> None:
        """Begin with ``folder`` as it lies there, all of it durable."""
        self._root = str(folder)
        self._told_at = str(told_at)
        self.told = b""
        self.names: Names = {
            str(path): None if path.is_dir() else Inode(path.read_bytes())
            for path in [folder, *folder.rglob("*")]
        }
        self.durable: Names = dict(self.names)
        self._changes: list[tuple[str, Names]] = []  # (name gone, names new), oldest first
        self._offsets: dict[tuple[str, str], int] = {}

    def apply(self, line: str) -> str:
        """Take one line of the log; return the name of the call if it changed or synced anything."""
        found = _LINE.match(line)
        if found is None or found[4].startswith("-"):
            return ""
        name, rest, result, opened = found[2], found[3], found[4], _plain(found[5] or "")
        texts = [
            _plain(text) for text in _TEXT.findall(rest.split(", ", 1)[0] if name == "pwrite64" else rest)
        ]
        descriptor = _FD.match(rest)
        path = _plain(descriptor[2]) if descriptor else ""
        if name in {"open", "openat"}:
            return self._opened(opened, result, rest)
        if name == "close":
            self._offsets.pop((descriptor[1] if descriptor else "", path), None)
            return ""
        if path == self._told_at and name == "write":
            self.told += _data(rest)
            return "told"
        if name in {"rename", "unlink", "mkdir"}:
            return self._renamed(name, texts)
        if not path.startswith(self._root):
            return ""
        return self._written(name, path, descriptor[1] if descriptor else "", rest)

    def _opened(self, path: str, descriptor: str, rest: str) -> str:
        if not path.startswith(self._root) or self.names.get(path, self) is None:
            return ""
        self._offsets[descriptor, path] = 0
        if "O_CREAT" in rest and path not in self.names:
            self._name({path: Inode()})
            return "create"
        if "O_TRUNC" in rest:
            self._inode(path).pending.append((0, None))
            return "truncate"
        return ""

    def _written(self, name: str, path: str, descriptor: str, rest: str) -> str:
        if name in {"fsync", "fdatasync"}:
            if self.names.get(path) is None:
                self._sync_names(path)
            else:
                self._inode(path).sync()
        elif name == "ftruncate":
            self._inode(path).pending.append((int(rest.rsplit(", ", 1)[1]), None))
        elif name == "pwrite64":
            self._inode(path).pending.append((int(rest.rsplit(", ", 1)[1]), _data(rest)))
        else:
            at = self._offsets.get((descriptor, path), 0)
            data = _data(rest)
            self._inode(path).pending.append((at, data))
            self._offsets[descriptor, path] = at + len(data)
        return name

    def _renamed(self, name: str, texts: Sequence[str]) -> str:
        if not texts or not texts[-1].startswith(self._root):
            return ""
        if name == "mkdir":
            self._name({texts[0]: None})
        elif name == "unlink":
            self._name({}, gone=texts[0])
        else:
            self._name({texts[1]: self.names[texts[0]]}, gone=texts[0])
        return name

    def _inode(self, path: str) -> Inode:
        found = self.names[path]
        assert found is not None, path
        return found

    def _name(self, new: Names, gone: str = "") -> None:
        self.names.pop(gone, None)
        self.names.update(new)
        self._changes.append((gone, new))

    def _sync_names(self, folder: str) -> None:
        """The names in ``folder`` are durable now, in the order in which they changed."""
        kept = []
        for gone, new in self._changes:
            if {str(Path(path).parent) for path in [*new, *([gone] if gone else [])]} == {folder}:
                _change(self.durable, gone, new)
            else:
                kept.append((gone, new))
        self._changes = kept

    def cut(self, target: Path, keep: Callable[[], bool], torn: Random | None = None) -> None:
        """Write to the empty folder ``target`` what is there after the power went."""
        left = dict(self.durable)
        for gone, new in self._changes:
            if keep():
                _change(left, gone, new)
        for path, inode in sorted(left.items()):
            place = target / Path(path).relative_to(self._root)
            if path.endswith("-shm"):
                continue
            if inode is None:
                place.mkdir(exist_ok=True)
            elif place.parent.is_dir():
                place.write_bytes(inode.content(keep, torn))


def _change(names: Names, gone: str, new: Names) -> None:
    names.pop(gone, None)
    names.update(new)


def _plain(escaped: str) -> str:
    return bytes.fromhex(escaped.replace("\\x", "")).decode() if escaped.startswith("\\x") else escaped


def _data(rest: str) -> bytes:
    found = _TEXT.search(rest)
    assert found is not None
    return bytes.fromhex(found[1].replace("\\x", ""))


def nothing() -> bool:
    """Keep nothing that was not synced."""
    return False


def everything() -> bool:
    """Keep all, as a killed process does."""
    return True


def some(rng: Random) -> Callable[[], bool]:
    """Keep about half."""
    return lambda: rng.random() < 0.5


def lines(log: Path) -> Iterator[str]:
    """Yield the lines of a log, calls of several threads put together again."""
    begun: dict[str, str] = {}
    with log.open(errors="replace") as file:
        for line in file:
            pid = line.split(" ", 1)[0]
            if line.rstrip().endswith("<unfinished ...>"):
                begun[pid] = line.rstrip().removesuffix("<unfinished ...>")
            elif "resumed>" in line:
                yield begun.pop(pid) + line.split("resumed>", 1)[1]
            else:
                yield line

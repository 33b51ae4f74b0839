"""Reads catalogue files: shared parts stand once and are used by name; every fault names file and key."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from jinpu_desk.domain.errors import Refused

from .model import Authority, Catalogue, Item, Package

ROOT = "catalogue.toml"
SIZE_LIMIT = 512 * 1024
"""Largest single file in bytes."""
FILES_LIMIT = 2000
_SHAREABLE = ("questions", "materials", "fields")
T = TypeVar("T")


class Root(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``catalogue.toml``: the version and what items share."""

    version: str
    effective_from: date
    training: bool = False
    authorities: dict[str, Authority]
    questions: dict[str, dict[str, Any]] = {}
    materials: dict[str, dict[str, Any]] = {}
    fields: dict[str, dict[str, Any]] = {}


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """One thing wrong in the files: the place and the code of the sentence."""

    where: str
    code: str
    params: dict[str, object] = {}


def read_dir(folder: Path) -> dict[str, bytes]:
    """Return the catalogue files under ``folder`` by relative name.

    Raises:
        Refused: ``catalogue.no-folder``, ``catalogue.file-too-large``.
    """
    if not (folder / ROOT).is_file():
        raise Refused("catalogue.no-folder", str(folder), file=ROOT)
    files = {
        path.relative_to(folder).as_posix(): path
        for path in sorted(folder.rglob("*.toml"))
        if not path.is_symlink()
    }
    for name, path in files.items():
        if path.stat().st_size > SIZE_LIMIT:
            raise Refused("catalogue.file-too-large", name, limit=SIZE_LIMIT // 1024)
    return {name: path.read_bytes() for name, path in files.items()}


def digest_of(files: Mapping[str, bytes]) -> str:
    """Return the SHA-256 over names and contents, whatever order the files come in."""
    total = hashlib.sha256()
    for name in sorted(files):
        total.update(f"{name}\0{len(files[name])}\0".encode())
        total.update(files[name])
    return total.hexdigest()


def load(files: Mapping[str, bytes]) -> Catalogue:
    """Return the catalogue the files make.

    Raises:
        Refused: the first fault, with ``where`` = file:key.
    """
    catalogue, faults = read(files)
    if faults or catalogue is None:
        first = faults[0]
        raise Refused(first.code, first.where, article="", **first.params)
    return catalogue


def read(files: Mapping[str, bytes]) -> tuple[Catalogue | None, list[Fault]]:
    """Return the catalogue as far as it can be read, and every fault found on the way."""
    faults: list[Fault] = []
    if len(files) > FILES_LIMIT:
        return None, [Fault(where=ROOT, code="catalogue.too-many-files", params={"limit": FILES_LIMIT})]
    root = _decode(ROOT, _parse(ROOT, files.get(ROOT), faults), Root, faults)
    if root is None:
        return None, faults
    items: dict[str, Item] = {}
    packages: dict[str, Package] = {}
    for name in sorted(files):
        folder, _, file = name.partition("/")
        tree = _parse(name, files[name], faults) if name != ROOT else None
        if tree is None:
            continue
        if folder == "items":
            _keep(name, file, _decode(name, _expanded(name, tree, root, faults), Item, faults), items, faults)
        elif folder == "packages":
            package = _decode(name, _expanded(name, tree, root, faults), Package, faults)
            _keep(name, file, package, packages, faults)
        else:
            faults.append(Fault(where=name, code="catalogue.stray-file"))
    catalogue = Catalogue(
        version=root.version,
        effective_from=root.effective_from,
        digest=digest_of(files),
        authorities=root.authorities,
        items=items,
        packages=packages,
        training=root.training,
    )
    return catalogue, faults


def _parse(name: str, raw: bytes | None, faults: list[Fault]) -> dict[str, Any] | None:
    if raw is None:
        faults.append(Fault(where=name, code="catalogue.missing-file"))
        return None
    try:
        return tomllib.loads(raw.decode("utf-8"))
    except UnicodeDecodeError:
        faults.append(Fault(where=name, code="catalogue.encoding"))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        faults.append(Fault(where=name, code="catalogue.not-toml", params={"problem": str(error)}))
    return None


def _expanded(name: str, tree: dict[str, Any], root: Root, faults: list[Fault]) -> dict[str, Any]:
    """Return the tree with each ``use = "x"`` replaced by the shared part, its own keys taking precedence."""
    shared = {kind: getattr(root, kind) for kind in _SHAREABLE}
    tree = dict(tree)
    for kind in _SHAREABLE:
        rows = tree.get(kind)
        if not isinstance(rows, list):
            continue
        tree[kind] = [
            _used(f"{name}:{kind}[{n}]", row, shared[kind], faults) if isinstance(row, dict) else row
            for n, row in enumerate(rows)
        ]
    return tree


def _used(
    where: str, row: dict[str, Any], shared: Mapping[str, dict[str, Any]], faults: list[Fault]
) -> dict[str, Any]:
    if "use" not in row:
        return row
    used = row["use"]
    if not isinstance(used, str) or used not in shared:
        faults.append(Fault(where=f"{where}.use", code="catalogue.unknown-use", params={"name": str(used)}))
        return {k: v for k, v in row.items() if k != "use"}
    return {"key": used} | shared[used] | {k: v for k, v in row.items() if k != "use"}


def _decode(name: str, tree: dict[str, Any] | None, kind: type[T], faults: list[Fault]) -> T | None:
    if tree is None:
        return None
    try:
        return msgspec.convert(tree, kind)
    except msgspec.ValidationError as error:
        faults.append(_explained(name, str(error)))
        return None


_KEYED = re.compile(r"(unknown|missing required) field `(?P<key>[^`]*)`")
_PATH = re.compile(r" - at `(?:key in )?\$\.?(?P<path>[^`]*)`$")


def _explained(name: str, problem: str) -> Fault:
    at = _PATH.search(problem)
    path = at["path"] if at else ""
    keyed = _KEYED.search(problem)
    if keyed:
        path = f"{path}.{keyed['key']}" if path else keyed["key"]
        code = "catalogue.unknown-key" if keyed[1] == "unknown" else "catalogue.missing-key"
        return Fault(where=f"{name}:{path}", code=code, params={"key": keyed["key"]})
    return Fault(
        where=f"{name}:{path}", code="catalogue.bad-value", params={"problem": _PATH.sub("", problem)}
    )


def _keep(name: str, file: str, found: Any, held: dict[str, Any], faults: list[Fault]) -> None:
    if found is None:
        return
    if f"{found.key}.toml" != file:
        faults.append(Fault(where=f"{name}:key", code="catalogue.file-name", params={"key": found.key}))
    if found.key in held:
        faults.append(Fault(where=f"{name}:key", code="catalogue.repeated-key", params={"key": found.key}))
    held[found.key] = found

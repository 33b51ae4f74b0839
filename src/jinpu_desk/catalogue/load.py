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

from jinpu_desk.domain.errors import Refused, Unavailable

from .model import Authority, Catalogue, Item, Package, Seal

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
    order: tuple[str, ...] = ()  # items and packages as menus list them; those not named follow
    authorities: dict[str, dict[str, Any]]
    seals: dict[str, dict[str, Any]] = {}
    questions: dict[str, dict[str, Any]] = {}
    materials: dict[str, dict[str, Any]] = {}
    fields: dict[str, dict[str, Any]] = {}
    guides: dict[str, dict[str, Any]] = {}


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """One thing wrong in the files: the place and the code of the sentence."""

    where: str
    code: str
    params: dict[str, object] = {}


def read_dir(folder: Path) -> dict[str, bytes]:
    """Return the catalogue files under ``folder`` by relative name.

    Raises:
        Refused: ``catalogue.no-folder``, ``catalogue.file-too-large``, ``catalogue.too-many-files``.
        Unavailable: ``catalogue.unreadable``.
    """
    if not (folder / ROOT).is_file():
        raise Refused("catalogue.no-folder", str(folder), file=ROOT)
    files: dict[str, bytes] = {}
    for path in sorted(folder.rglob("*.toml")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink() or not path.is_file():
            continue
        if len(files) == FILES_LIMIT:
            raise Refused("catalogue.too-many-files", name, limit=FILES_LIMIT)
        files[name] = _read_file(path, name)
    return files


def _read_file(path: Path, name: str) -> bytes:
    try:
        with path.open("rb") as file:
            raw = file.read(SIZE_LIMIT + 1)
    except OSError as error:
        raise Unavailable("catalogue.unreadable", name) from error
    if len(raw) > SIZE_LIMIT:
        raise Refused("catalogue.file-too-large", name, limit=SIZE_LIMIT // 1024)
    return raw


def digest_of(files: Mapping[str, bytes]) -> str:
    """Return the digest of a set of named files: SHA-256 over the sorted lines ``sha256  name``.

    The centre publishes its reference data under this digest, so a case that names it finds its catalogue again.
    """
    lines = (f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in sorted(files.items()))
    return hashlib.sha256("".join(lines).encode()).hexdigest()


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
    authorities = _rows(root.authorities, "authorities", Authority, faults)
    seals = _rows({key: {"key": key} | row for key, row in root.seals.items()}, "seals", Seal, faults)
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
    faults += [
        Fault(where=f"{ROOT}:order", code="catalogue.unknown-item", params={"key": key})
        for key in root.order
        if key not in items and key not in packages
    ]
    catalogue = Catalogue(
        version=root.version,
        effective_from=root.effective_from,
        digest=digest_of(files),
        authorities=authorities,
        items=_ordered(items, root.order),
        packages=_ordered(packages, root.order),
        seals=seals,
        training=root.training,
    )
    return catalogue, faults


def _parse(name: str, raw: bytes | None, faults: list[Fault]) -> dict[str, Any] | None:
    if raw is None:
        faults.append(Fault(where=name, code="catalogue.missing-file"))
        return None
    if len(raw) > SIZE_LIMIT:
        faults.append(
            Fault(where=name, code="catalogue.file-too-large", params={"limit": SIZE_LIMIT // 1024})
        )
        return None
    try:
        return tomllib.loads(raw.decode("utf-8"))
    except UnicodeDecodeError:
        faults.append(Fault(where=name, code="catalogue.encoding"))
    except (ValueError, RecursionError) as error:  # no TOML, a number of thousands of digits, endless nesting
        faults.append(Fault(where=name, code="catalogue.not-toml", params={"problem": str(error)[:200]}))
    return None


def _rows(rows: dict[str, dict[str, Any]], name: str, kind: type[T], faults: list[Fault]) -> dict[str, T]:
    """Decode the rows of a table one by one, so that a fault names the one it is in."""
    read = {key: _decode(ROOT, row, kind, faults, f"{name}.{key}") for key, row in rows.items()}
    return {key: row for key, row in read.items() if row is not None}


def _ordered(found: dict[str, T], order: tuple[str, ...]) -> dict[str, T]:
    first = {key: found[key] for key in order if key in found}
    return first | found


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
    if isinstance(guide := tree.get("guide"), dict):
        used = _used(f"{name}:guide", guide, root.guides, faults)
        tree["guide"] = {key: value for key, value in used.items() if key != "key"}
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


def _decode(
    name: str, tree: dict[str, Any] | None, kind: type[T], faults: list[Fault], base: str = ""
) -> T | None:
    if tree is None:
        return None
    try:
        return msgspec.convert(tree, kind)
    except msgspec.ValidationError as error:
        faults.append(_explained(name, base, tree, str(error)))
    except RecursionError:
        faults.append(Fault(where=f"{name}:{base}", code="catalogue.too-deep"))
    return None


_KEYED = re.compile(r"(unknown|missing required) field `(?P<key>[^`]*)`")
_PATH = re.compile(r" - at `(?:key in )?\$\.?(?P<path>[^`]*)`$")
_STEP = re.compile(r"\[(\d+)\]|\.?([^.\[]+|\[\.\.\.\])")


def _explained(name: str, base: str, tree: dict[str, Any], problem: str) -> Fault:
    at = _PATH.search(problem)
    keyed = _KEYED.search(problem)
    steps = [base, _named(tree, at["path"] if at else ""), keyed["key"][:60] if keyed else ""]
    where = f"{name}:{'.'.join(filter(None, steps))}"
    if keyed:
        code = "catalogue.unknown-key" if keyed[1] == "unknown" else "catalogue.missing-key"
        return Fault(where=where, code=code, params={"key": keyed["key"][:60]})
    return Fault(where=where, code="catalogue.bad-value", params={"problem": _PATH.sub("", problem)})


def _named(tree: Any, path: str) -> str:
    """Return the path with the row's own key in place of its number: a person does not count ``[[materials]]``."""
    steps = []
    for index, key in _STEP.findall(path):
        if index:
            tree = tree[int(index)] if isinstance(tree, list) and int(index) < len(tree) else None
            named = tree.get("key") if isinstance(tree, dict) else None
            steps.append(f".{named[:60]}" if isinstance(named, str) and named else f"[{index}]")
        else:
            tree = tree.get(key) if isinstance(tree, dict) else None
            steps.append(f".{key}")
    return "".join(steps).removeprefix(".")


def _keep(name: str, file: str, found: Any, held: dict[str, Any], faults: list[Fault]) -> None:
    if found is None:
        return
    if f"{found.key}.toml" != file:
        faults.append(Fault(where=f"{name}:key", code="catalogue.file-name", params={"key": found.key}))
    if found.key in held:
        faults.append(Fault(where=f"{name}:key", code="catalogue.repeated-key", params={"key": found.key}))
    held[found.key] = found

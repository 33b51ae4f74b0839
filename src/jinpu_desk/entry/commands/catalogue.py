"""``catalogue check`` and ``catalogue diff``: is a folder of item files fit to be published, and what would it change."""

from __future__ import annotations

import argparse
import json
from typing import Any

import msgspec

from jinpu_desk.app.sentences import Sentences
from jinpu_desk.catalogue.check import check, low_confidence
from jinpu_desk.catalogue.diff import diff
from jinpu_desk.catalogue.load import load, read_dir
from jinpu_desk.domain.errors import Refused

from ..parts import Parts


def run_catalogue_check(parts: Parts, arguments: argparse.Namespace) -> dict[str, Any]:
    """``catalogue check``: every fault of the files, and the values that still want a source."""
    files = read_dir(arguments.dir)
    faults = check(files)
    if faults:
        listed = [_fault(parts.sentences, fault) for fault in faults]
        print(json.dumps({"ok": False, "problems": listed}, ensure_ascii=False), flush=True)
        raise Refused(faults[0].code, faults[0].where, article="", **faults[0].params)
    catalogue = load(files)
    return {
        "ok": True,
        "version": catalogue.version,
        "digest": catalogue.digest,
        "items": len(catalogue.by_role("item")),
        "branches": len(catalogue.by_role("branch")),
        "requests": len(catalogue.by_role("request")),
        "packages": len(catalogue.packages),
        "seals": len(catalogue.seals),
        "problems": [],
        "low_confidence": msgspec.to_builtins(low_confidence(catalogue)),
    }


def run_catalogue_diff(parts: Parts, arguments: argparse.Namespace) -> dict[str, Any]:
    """``catalogue diff``: what the second folder changes in the first; both must be sound."""
    editions = []
    for folder in (arguments.old, arguments.new):
        files = read_dir(folder)
        if faults := check(files):
            raise Refused(faults[0].code, faults[0].where, article="", **faults[0].params)
        editions.append(load(files))
    found = diff(*editions)
    answer: dict[str, Any] = {"same": not found}
    answer |= msgspec.to_builtins(found)
    return answer


def _fault(sentences: Sentences, fault: Any) -> dict[str, Any]:
    return {
        "code": fault.code,
        "where": fault.where,
        "message": sentences.text(fault.code, fault.params, fault.where),
    }

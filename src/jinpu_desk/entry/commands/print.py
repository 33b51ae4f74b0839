"""``print``: issues a document, or reprints the one there is."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from jinpu_desk.app.papers import NEEDS, PaperForm, PaperKind, paperwork
from jinpu_desk.domain.case import Case, Paper
from jinpu_desk.domain.errors import Refused

from ..home.unlocked import OpenDesk
from ..parts import Parts
from .casework import opened
from .paper_files import find_case, out_folder, write_out, write_paper


def run_print(parts: Parts, arguments: argparse.Namespace) -> dict[str, Any]:
    """``print``: issue a document, or reprint the one there is when a reason is given."""
    try:
        kind = PaperKind(arguments.kind)
    except ValueError as error:
        raise Refused("cli.kind", "KIND", kind=arguments.kind) from error
    form = _form(kind, arguments.form)
    with opened(parts, arguments) as desk:
        case = find_case(desk, arguments.case_no)
        earlier = [p for p in case.papers if p.kind == kind and (form is None or p.variant == form)]
        out = out_folder(arguments.out) or desk.enrolment.home.folder("out")
        if earlier:
            return _reprint(desk, case, earlier[-1], arguments.reason, out)
        with desk.store.transaction() as tx:
            wanted = form or paperwork.default_form(case, kind)
            paper = paperwork.issue(desk.desk, tx, case, kind, wanted)
        path = write_paper(desk, case, paper, out)
        return {
            "case_no": case.case_no,
            "kind": str(kind),
            "doc_no": paper.doc_no,
            "path": path,
            "sha256": paper.sha256,
            "pages": paper.pages,
            "reprint": 0,
        }


def _form(kind: PaperKind, name: str | None) -> PaperForm | None:
    """Return the form asked for by name, None when nobody asked. Raises Refused ``cli.form``."""
    forms = [form for known, form in NEEDS if known is kind]
    if name is None:
        return None
    if name.lower() in set(forms):
        return PaperForm(name.lower())
    raise Refused("cli.form", "--form", kind=kind.label, form=name, forms="、".join(forms))


def _reprint(desk: OpenDesk, case: Case, paper: Paper, reason: str, out: Path) -> dict[str, Any]:
    if reason.strip():
        desk.files.paper(paper.kind, paper.sha256)
    after, data = paperwork.reprint(desk.desk, case, paper, reason)
    printed = next(p for p in after.papers if p.id == paper.id)
    path = out / f"{case.case_no}-{paper.kind}-{paper.id[-6:]}-reprint{printed.reprints}.pdf"
    write_out(path, desk.desk.papers.seal(data, desk.desk.signing, desk.desk.now()))
    return {
        "case_no": case.case_no,
        "kind": paper.kind,
        "doc_no": printed.later_doc_no or printed.doc_no,
        "path": str(path),
        "sha256": paper.sha256,
        "pages": paper.pages,
        "reprint": printed.reprints,
    }

"""Golden papers: facts in, the same text and the same bytes out. See tests/golden/documents/README.md."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pypdfium2

from jinpu_desk.app.papers import Family, PaperFacts, PaperKind, Signer
from jinpu_desk.app.papers.forms import ABOUT_MANY, forms_of
from jinpu_desk.documents.layouts import load_layouts
from jinpu_desk.documents.shop import Documents

GOLDEN = Path(__file__).parents[2] / "golden" / "documents"
Reader = Callable[[str], PaperFacts]


def text_of(data: bytes) -> str:
    document = pypdfium2.PdfDocument(data)
    pages = [page.get_textpage().get_text_range().replace("\r\n", "\n") for page in document]
    return "\n\f\n".join(pages) + "\n"


def test_the_same_facts_give_the_golden_paper(
    sample: str, documents: Documents, signer: Signer, facts: Reader, tmp_path: Path
) -> None:
    paper = documents.render(facts(sample), signer)
    folder = GOLDEN if os.environ.get("JINPU_GOLDEN") == "write" else tmp_path
    made = {"sha256": paper.sha256, "facts_digest": paper.facts_digest, "pages": paper.pages}
    (folder / f"{sample}.json").write_text(json.dumps(made, indent=1) + "\n", "utf-8")
    (folder / f"{sample}.txt").write_text(text_of(paper.data), "utf-8", newline="\n")
    for name in (f"{sample}.txt", f"{sample}.json"):
        assert (folder / name).read_bytes() == (GOLDEN / name).read_bytes(), name


def test_every_form_and_family_has_a_golden_sample(resources: Path, facts: Reader) -> None:
    wanted = {
        (kind, form, family) for family in Family for kind in PaperKind for form in forms_of(kind, family)
    }
    served = {
        (form.kind, form.form, family)
        for form in load_layouts(resources / "documents").forms
        for family in form.families
    }
    assert served == wanted
    samples = [facts(path.name.split(".")[0]) for path in GOLDEN.glob("*.facts.json")]
    shown = {(s.kind, s.form, s.family) for s in samples}
    # To a paper about many cases the family means nothing: one sample stands for all.
    shown |= {(kind, form, family) for kind, form, _ in shown if kind in ABOUT_MANY for family in Family}
    assert shown == wanted

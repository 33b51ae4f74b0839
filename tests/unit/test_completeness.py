"""Everything that has to have a partner has one: codes their sentences, events their samples, words their labels."""

from __future__ import annotations

import ast
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from jinpu_desk.app import labels
from jinpu_desk.app.intake.decision_bar import SHORTCUTS
from jinpu_desk.app.papers import NEEDS, PaperForm, PaperKind
from jinpu_desk.app.papers.forms import NOT_FOR, paper_title
from jinpu_desk.app.papers.paperwork import PAPERS
from jinpu_desk.app.project import CaseProjector
from jinpu_desk.app.rows import CaseRow
from jinpu_desk.app.screens.views import CaseFilter
from jinpu_desk.app.sentences import Sentences
from jinpu_desk.app.verbs import act as verbs
from jinpu_desk.app.verbs.asks import PAUSE_LABELS
from jinpu_desk.catalogue.load import load, read_dir
from jinpu_desk.domain import bodies as b
from jinpu_desk.domain import fold
from jinpu_desk.domain.calendar import WorkCalendar, decode_year
from jinpu_desk.domain.case import DeliverState, Flag, Status
from jinpu_desk.domain.deadline import PauseReason
from jinpu_desk.domain.decision import Outcome
from jinpu_desk.domain.events import canonical, header_hash
from jinpu_desk.domain.materials import MaterialState
from samples.cases import Chain, received
from samples.counter import roles
from samples.golden_events import FOLDER, SAMPLES, golden, path_of

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "jinpu_desk"
RESOURCES = ROOT / "resources"
CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)+")
RAISERS = frozenset({"Refused", "Unavailable", "Invalid"})
"""Calls whose first argument is a code."""
ASGI = frozenset({"http.request", "http.response.start", "http.response.body"})
"""What the ASGI specification calls the messages of a request."""
BLANK = re.compile(r"\{([a-z_]*)")
SAME_NAME = {(PaperKind.D7, PaperForm.CORRECTION)}
"""A correction notice is one to a clerk, whichever the family."""


def messages() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for path in sorted((RESOURCES / "messages").glob("*.toml")):
        found |= tomllib.loads(path.read_text())
    return found


def trees() -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(SOURCE.rglob("*.py")):
        yield path, ast.parse(path.read_text())


def texts(node: ast.AST) -> set[str]:
    """Return the literals below ``node`` that look like a code."""
    constants = (n.value for n in ast.walk(node) if isinstance(n, ast.Constant) and isinstance(n.value, str))
    return {text for text in constants if CODE.fullmatch(text.partition(" ")[0])}


# Errors


def test_every_code_raised_has_a_sentence() -> None:
    known = set(messages())
    missing = {}
    for path, tree in trees():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            said = [keyword.value for keyword in node.keywords if keyword.arg == "code"]
            said += node.args[:1] if name in RAISERS else []
            for code in set().union(*map(texts, said)) - known if said else set():
                missing[code] = f"{path.name}:{node.lineno}"
    assert missing == {}


def test_whatever_looks_like_a_code_has_a_sentence() -> None:
    """Codes also travel in variables and tables; outside the screen nothing else is written like them."""
    known = set(messages())
    heads = {code.partition(".")[0] for code in known}
    words = set(b.TYPES) | {"replica.id"} | ASGI
    missing = {
        text: path.name
        for path, tree in trees()
        if "ui" not in path.relative_to(SOURCE).parts
        for text in texts(tree)
        if text.partition(".")[0] in heads and text.partition(" ")[0] not in known | words
        if not text.endswith((".toml", ".json", ".sealed"))
    }
    assert missing == {}


def test_every_sentence_is_said_somewhere() -> None:
    written = {path: path.read_text() for path in SOURCE.rglob("*.py")}
    unused = [code for code in messages() if not any(code in source for source in written.values())]
    assert unused == []


def test_every_sentence_is_one_and_has_one_thing_to_do() -> None:
    for code, entry in messages().items():
        assert set(entry) == {"text", "hint"}, code
        assert entry["text"].strip().endswith(("。", "！", "？", "}", "”", "）")), code
        assert entry["hint"].strip(), code
        assert re.search(r"[一-鿿]|\{message\}", entry["text"]), code
        assert all(BLANK.findall(entry["text"])), code


def test_a_sentence_is_never_lost_to_its_own_blanks() -> None:
    said = Sentences({path.name: path.read_bytes() for path in (RESOURCES / "messages").glob("*.toml")})
    for code in said.codes():
        assert said.text(code)


# Events


def test_every_event_has_a_sample_with_every_field_filled() -> None:
    assert set(SAMPLES) == set(b.TYPES)
    for type_, body in SAMPLES.items():
        assert b.type_name(body) == type_
        held = msgspec.json.decode(canonical(body))
        assert set(held) == set(type(body).__struct_fields__), (
            f"{type_}: a field of the sample has its default"
        )


@pytest.mark.parametrize("type_", b.TYPES)
def test_an_event_keeps_its_shape_until_its_version_changes(type_: str) -> None:
    body = SAMPLES[type_]
    path = path_of(type_, body.version)
    assert path.is_file(), "a new version needs its golden file: python -m samples.golden_events"
    assert golden(body) == json.loads(path.read_text())


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.json")), ids=lambda path: path.stem)
def test_every_event_ever_written_is_still_read(path: Path) -> None:
    kept: dict[str, Any] = json.loads(path.read_text())
    raw = canonical(kept["body"])
    body = b.decode_body(kept["type"], kept["version"], raw)
    if kept["version"] == body.version:
        assert canonical(body) == raw
        assert header_hash(Chain().write(body).header) == kept["header_hash"]


@pytest.mark.parametrize("type_", b.TYPES)
def test_every_event_folds(type_: str) -> None:
    pen = Chain()
    opening = [] if type_ in {"case.guided", "case.pre-applied"} else [pen.write(received())]
    before = fold.fold(opening)
    after = fold.apply(before, pen.write(SAMPLES[type_]))
    assert after.timeline[-1].type == type_
    row = CaseProjector(WorkCalendar())(after)
    assert msgspec.json.decode(msgspec.json.encode(row), type=CaseRow) == row


# Words


@pytest.mark.parametrize(
    ("kinds", "words"),
    [
        (Status, labels.STATUS_LABELS),
        (Flag, labels.FLAG_LABELS),
        (MaterialState, labels.STATE_LABELS),
        (Outcome, labels.OUTCOME_LABELS),
        (Outcome, SHORTCUTS),
        (DeliverState, labels.DELIVER_LABELS),
        (PauseReason, PAUSE_LABELS),
        (b.TYPES, labels.EVENT_LABELS),
        (PaperKind, {kind: kind.label for kind in PaperKind}),
    ],
    ids=["status", "flag", "state", "outcome", "shortcut", "delivery", "pause", "event", "paper"],
)
def test_everything_a_clerk_meets_has_its_chinese_word(kinds: Any, words: dict[Any, str]) -> None:
    assert set(words) == set(kinds)
    shown = [word for key, word in words.items() if key is not DeliverState.NONE and words is not SHORTCUTS]
    assert all(re.search(r"[一-鿿]", word) for word in shown)
    assert len(set(shown)) == len(shown)


def test_verbs_roles_and_words_name_the_same() -> None:
    words = set(labels.VERB_LABELS)
    assert set(verbs.VERBS) <= words
    assert {str(outcome) for outcome in Outcome} <= words
    granted = set().union(*(role.verbs for role in roles().values()))
    assert words <= granted, "a verb nobody may do"
    assert granted - words == {"second-correction", "approve"}


def test_nobody_but_clerk_and_supervisor_takes_cases_in() -> None:
    taking = {"receive", "accept", "register", "correct", "refuse"}
    assert {name for name, role in roles().items() if role.verbs & taking} == {"clerk", "supervisor"}


def test_what_a_strip_asks_is_what_the_verb_takes() -> None:
    asked_again = fold.fold(
        [(pen := Chain()).write(received()), pen.write(SAMPLES["case.correction-noticed"])]
    )
    assert asked_again is not None
    for name, verb in verbs.VERBS.items():
        taken = set(verb.data.__struct_fields__)
        assert {field.path.partition(".")[0] for field in verb.asks(asked_again)} <= taken, name


def test_every_kind_of_paper_has_forms_layouts_samples_and_a_name() -> None:
    assert {kind for kind, _ in NEEDS} == set(PaperKind)
    assert set(NOT_FOR) <= set(NEEDS)
    layouts = [tomllib.loads(p.read_text()) for p in (RESOURCES / "documents").glob("d*.toml")]
    held = {(layout["kind"], layout.get("form", "plain")) for layout in layouts}
    assert held == {(str(kind), str(form)) for kind, form in NEEDS}
    samples = [json.loads(p.read_text()) for p in (ROOT / "tests/golden/documents").glob("*.facts.json")]
    assert {(sample["kind"], sample.get("form", "plain")) for sample in samples} == held
    names = [paper_title(kind, form) for kind, form in NEEDS if (kind, form) not in SAME_NAME]
    assert all(re.search(r"[一-鿿]", name) for name in names)
    assert len(set(names)) == len(names)
    assert {form for _, form in NEEDS} == set(PaperForm)


def test_a_number_is_taken_for_a_paper_only_if_it_prints_one() -> None:
    for path in (RESOURCES / "documents").glob("d*.toml"):
        layout = tomllib.loads(path.read_text())
        rule = PAPERS.get(PaperKind(layout["kind"]))
        if rule is not None:
            form = PaperForm(layout.get("form", "plain"))
            assert rule.numbers(form) is layout.get("numbered", True), path.name


def test_every_filter_has_a_question() -> None:
    assert len({only.value for only in CaseFilter}) == len(CaseFilter)


# Resources


@pytest.mark.parametrize(
    "path",
    sorted(p for p in RESOURCES.rglob("*") if p.suffix in {".toml", ".json"}),
    ids=lambda path: str(path.relative_to(RESOURCES)),
)
def test_every_resource_file_is_read(path: Path) -> None:
    assert json.loads(path.read_text()) if path.suffix == ".json" else tomllib.loads(path.read_text())


def test_calendars_and_catalogue_are_read_whole() -> None:
    years = [decode_year(path.read_bytes()) for path in (RESOURCES / "calendars").glob("*.json")]
    assert {year.year for year in years} >= set(range(2020, 2027))
    catalogue = load(read_dir(RESOURCES / "catalogue"))
    assert set(catalogue.items) == {p.stem for p in (RESOURCES / "catalogue" / "items").glob("*.toml")}
    assert all(item.short_name for item in catalogue.items.values())
    assert all(package.short_name for package in catalogue.packages.values())

"""Actions, words, themes and help are data: here they are complete and agree with each other."""

from __future__ import annotations

import re
import string
from collections import Counter
from pathlib import Path

import pytest
from PySide6.QtGui import QKeySequence

from jinpu_desk.app.screens.views import CaseFilter
from jinpu_desk.domain.decision import Outcome
from jinpu_desk.domain.materials import MaterialState
from jinpu_desk.ui.actions import ActionBook, read_actions
from jinpu_desk.ui.pages.book import BOOK
from jinpu_desk.ui.pages.help import ALSO, SCOPES, help_text
from jinpu_desk.ui.pages.intake.ask import FIELDS
from jinpu_desk.ui.pages.intake.checklist import STATES
from jinpu_desk.ui.pages.intake.decision import ACTIONS
from jinpu_desk.ui.preferences import SCALES
from jinpu_desk.ui.theme import TONES, load_theme
from jinpu_desk.ui.words import load_words

ROOT = Path(__file__).parents[2]
RESOURCES = ROOT / "resources"
SOURCE = "\n".join(file.read_text("utf-8") for file in (ROOT / "src/jinpu_desk/ui").rglob("*.py"))
ALL = read_actions(RESOURCES / "actions.toml")
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.mark.parametrize("action", ALL, ids=lambda action: action.id)
def test_each_action_has_titles_a_shortcut_and_help(action) -> None:  # type: ignore[no-untyped-def]
    assert CHINESE.search(action.zh)
    assert not CHINESE.search(action.en)
    assert CHINESE.search(action.help_zh)
    assert action.help_en
    assert not CHINESE.search(action.help_en)
    sequence = QKeySequence.fromString(action.shortcut, QKeySequence.SequenceFormat.PortableText)
    assert sequence.toString(QKeySequence.SequenceFormat.PortableText) == action.shortcut


def test_no_key_means_two_things_in_one_place() -> None:
    for scope in SCOPES:
        here = [action.shortcut for action in ALL if action.when in (scope, "window")]
        repeated = [keys for keys, count in Counter(here).items() if count > 1]
        assert not repeated, (scope, repeated)


def test_only_the_checklist_uses_single_letters() -> None:
    letters = [action for action in ALL if re.fullmatch(r"[A-Z0-9]|Space", action.shortcut)]
    assert {action.when for action in letters} == {"checklist"}


def test_every_action_is_bound_and_every_state_and_outcome_has_one() -> None:
    ids = {action.id for action in ALL}
    assert len(ids) == len(ALL)
    assert set(STATES) <= ids
    assert {state.value for state in MaterialState} == {name.removeprefix("checklist.") for name in STATES}
    assert set(ACTIONS) == set(Outcome)
    assert set(ACTIONS.values()) <= ids


def test_both_languages_say_the_same_things() -> None:
    chinese, english = (load_words(RESOURCES / "i18n", language) for language in ("zh", "en"))
    assert chinese.known() == english.known()
    for key in chinese.known():
        blanks = [
            {name for _, name, _, _ in string.Formatter().parse(words(key)) if name}
            for words in (chinese, english)
        ]
        assert blanks[0] == blanks[1], key
        assert not CHINESE.search(english(key)), key


def _expanded() -> set[str]:
    """Every key the source asks for, with the blanks of f-strings filled from the data they range over."""
    found = set(re.findall(r'words\(\s*"([^"]+)"', SOURCE)) | set(
        re.findall(r'"((?:workbench|login|sync|settings|case|preview|party|ask)\.[a-z_.-]+)"', SOURCE)
    )
    found |= {f"filter.{only.value}" for only in CaseFilter} | {f"keys.{scope}" for scope in SCOPES}
    found |= {f"checklist.not-{state.value}" for state in MaterialState}
    asked = {*FIELDS, Outcome.CORRECT, Outcome.ACCEPT, Outcome.REGISTER}
    found |= {f"ask.{outcome.value}{tail}" for outcome in asked for tail in ("", "-advice", "-confirm")}
    found |= {f"ask.{outcome.value}.{name}" for outcome, names in FIELDS.items() for name in names}
    return found - {action.id for action in ALL}


def test_every_word_asked_for_is_there() -> None:
    missing = _expanded() - load_words(RESOURCES / "i18n", "zh").known()
    assert not {key for key in missing if not key.startswith(("login.locked", "login.wrong"))}


def test_help_exists_for_each_page_and_lists_its_keys() -> None:
    for language in ("zh", "en"):
        book = ActionBook(ALL, language)
        pages = ("workbench", "intake", "cases", "sync", "settings", "preview", *BOOK)
        for page in (name.removeprefix("go.") for name in pages):
            words = help_text(RESOURCES / "help", page, book, "keys")
            own = [scope for scope in SCOPES if scope == page or scope in ALSO.get(page, ())]
            for scope in own:
                for action in book.of(scope):
                    assert action.help(language) in words


def _luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Return the WCAG 2 contrast ratio of two colours."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


PAIRS = (
    *((text, back) for text in ("text", "soft", "muted") for back in ("card", "back", "row", "key")),
    *((tone, f"{tone}-back") for tone in TONES),
    *((tone, "card") for tone in TONES),
    *((tone, "info-back") for tone in ("text", "soft", "bad")),
    ("muted", "good-back"),
    ("soft", "bad-back"),
    ("accent-text", "accent"),
    ("accent-text", "accent-down"),
    ("select-text", "select"),
    ("disabled-text", "disabled"),
    ("side-text", "side"),
    ("side-text", "side-active"),
    ("side-soft", "side"),
    ("side-soft", "side-active"),
    ("badge-text", "badge"),
    ("alarm-text", "alarm"),
    ("training-text", "training"),
)


@pytest.mark.parametrize(("name", "least"), [("light", 4.5), ("contrast", 7.0)])
def test_text_stands_out_from_its_background(name: str, least: float) -> None:
    colours = load_theme(RESOURCES / "themes", name, 1.0).colours
    weak = {
        pair: round(contrast(colours[pair[0]], colours[pair[1]]), 2)
        for pair in PAIRS
        if contrast(colours[pair[0]], colours[pair[1]]) < least
    }
    assert not weak


@pytest.mark.parametrize("name", ["light", "contrast"])
def test_the_focus_ring_is_seen(name: str) -> None:
    colours = load_theme(RESOURCES / "themes", name, 1.0).colours
    for back in ("card", "back", "row"):
        assert contrast(colours["focus"], colours[back]) >= 3.0


@pytest.mark.parametrize("scale", SCALES.values())
def test_the_style_sheet_has_no_blank_left(scale: float) -> None:
    themes = [load_theme(RESOURCES / "themes", name, scale) for name in ("light", "contrast")]
    assert themes[0].colours.keys() == themes[1].colours.keys()
    template = (RESOURCES / "themes/desk.qss").read_text("utf-8")
    for theme in themes:
        assert "$" not in theme.style_sheet(template, RESOURCES / "icons")

"""What a keystroke makes of a draft, as pure functions; and how an answer that took a while joins newer typing."""

from __future__ import annotations

from typing import Any

import msgspec

from jinpu_desk.app.intake.drafts import Draft, PartyDraft, SpotCorrection
from jinpu_desk.domain.materials import MaterialState, MaterialTick

EMPTY_STATES = frozenset({MaterialState.LACKING, MaterialState.TOLERATED, MaterialState.PLEDGED})
"""States in which nothing lies on the counter."""


def with_item(draft: Draft, key: str, *, package: bool) -> Draft:
    """Choose the item or package; what belongs to the person stays, what belongs to the old item goes."""
    if (draft.target, draft.package) == (key, package):
        return draft
    return msgspec.structs.replace(
        draft,
        target=key,
        package=package,
        answers={},
        form={},
        materials={},
        correction=(),
        action=None,
        spot=SpotCorrection(),
    )


def with_kind(draft: Draft) -> Draft:
    """Begin with an organisation where no person may apply; who is typed already stays what they are."""
    return draft if draft.applicant.name else with_party(draft, "applicant", type="organisation")


def with_party(draft: Draft, role: str, **changes: Any) -> Draft:
    """Change entries of the ``applicant`` or ``agent``; what was typed is no longer from a card or the archive."""
    party = draft.agent if role == "agent" else draft.applicant
    if party is None:
        return draft
    made = msgspec.structs.replace(party, entry="typed", **changes)
    return msgspec.structs.replace(draft, **{role: made})


def with_agent(draft: Draft, present: bool) -> Draft:
    """Add an empty agent, or take the agent away."""
    if present == (draft.agent is not None):
        return draft
    return msgspec.structs.replace(draft, agent=PartyDraft() if present else None)


def with_answer(draft: Draft, key: str, answer: Any) -> Draft:
    return msgspec.structs.replace(draft, answers={**draft.answers, key: answer})


def with_field(draft: Draft, path: str, value: Any) -> Draft:
    """Set a form field by its path, ``form.name`` or ``form.shareholder.name``."""
    keys = path.split(".")[1:]
    return msgspec.structs.replace(draft, form=_set(draft.form, keys, value))


def with_place(draft: Draft, path: str, key: str, address: str) -> Draft:
    """Choose an entry of a register; its address serves where none was typed."""
    draft = with_field(draft, path, key)
    return draft if draft.form.get("address") else with_field(draft, "form.address", address)


def _set(table: dict[str, Any], keys: list[str], value: Any) -> dict[str, Any]:
    head, *rest = keys
    if not rest:
        return {**table, head: value}
    inner = table.get(head)
    return {**table, head: _set(inner if isinstance(inner, dict) else {}, rest, value)}


def with_override(draft: Draft, path: str, reason: str) -> Draft:
    """Give the reason why a doubtful code is right; an empty reason withdraws it."""
    kept = {key: text for key, text in draft.overrides.items() if key != path}
    if reason.strip():
        kept[path] = reason
    return msgspec.structs.replace(draft, overrides=kept)


def tick_of(draft: Draft, material: str) -> MaterialTick:
    return draft.materials.get(material, MaterialTick())


def with_tick(draft: Draft, material: str, tick: MaterialTick) -> Draft:
    return msgspec.structs.replace(draft, materials={**draft.materials, material: tick})


def with_state(draft: Draft, material: str, state: MaterialState) -> Draft:
    """Set the state; where nothing lies on the counter, nothing is counted."""
    tick = msgspec.structs.replace(tick_of(draft, material), state=state)
    if state in EMPTY_STATES:
        tick = msgspec.structs.replace(tick, originals=0, copies=0, pages=0)
    return with_tick(draft, material, tick)


def with_pages(draft: Draft, material: str, pages: int) -> Draft:
    """Count pages; paper that can be counted has been handed in."""
    tick = msgspec.structs.replace(tick_of(draft, material), pages=pages)
    if pages and tick.state in EMPTY_STATES:
        tick = msgspec.structs.replace(tick, state=MaterialState.RECEIVED)
    return with_tick(draft, material, tick)


def without_page(draft: Draft, material: str, place: int) -> Draft:
    """Take one attached page off a material."""
    tick = tick_of(draft, material)
    files = tick.files[:place] + tick.files[place + 1 :]
    pages = max(tick.pages - 1, 0) if len(files) < len(tick.files) else tick.pages
    return with_tick(draft, material, msgspec.structs.replace(tick, files=files, pages=pages))


_ABSENT = object()


def merge(base: Draft, theirs: Draft, mine: Draft) -> Draft:
    """Return ``mine`` with what ``theirs`` changed since ``base``; where both changed the same entry, mine stays.

    An archive or a scanner answers with a draft made from an older one; the clerk has gone on typing meanwhile.
    """
    changes = {
        name: _merged(getattr(base, name), getattr(theirs, name), getattr(mine, name))
        for name in Draft.__struct_fields__
    }
    return msgspec.structs.replace(mine, **changes)


def _merged(base: Any, theirs: Any, mine: Any) -> Any:
    if theirs in (base, mine):
        return mine
    if mine == base:
        return theirs
    if isinstance(base, dict) and isinstance(theirs, dict) and isinstance(mine, dict):
        keys = [*mine, *(key for key in theirs if key not in mine)]
        found = {key: _merged(*(table.get(key, _ABSENT) for table in (base, theirs, mine))) for key in keys}
        return {key: value for key, value in found.items() if value is not _ABSENT}
    if isinstance(base, msgspec.Struct) and type(base) is type(theirs) is type(mine):
        fields = base.__struct_fields__
        return msgspec.structs.replace(
            mine,
            **{
                name: _merged(getattr(base, name), getattr(theirs, name), getattr(mine, name))
                for name in fields
            },
        )
    return mine

"""电子证照核验: what a licence proves need not be handed in, and what it says need not be keyed (DOMAIN C15)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import msgspec
from msgspec.structs import replace

from jinpu_desk.domain.errors import Refused, Unavailable
from jinpu_desk.domain.materials import MaterialRule, MaterialState, MaterialTick, NoSubmit
from jinpu_desk.domain.parties import Applicant

from ..desk import Desk
from ..ports.licences import Licence, LicenceLookup
from .drafts import Draft
from .subject import Subject

LOG_ENTRY = "licence-lookup"
"""What the audit log says of a look-up."""


class Verified(msgspec.Struct, frozen=True, kw_only=True):
    """What a look-up gave: the draft filled, the materials proved, and licences that prove nothing any more."""

    draft: Draft
    proved: tuple[str, ...]  # material keys
    filled: tuple[str, ...]  # form keys
    stale: tuple[Licence, ...]


def look_up(desk: Desk, lookup: LicenceLookup | None, applicant: Applicant) -> tuple[Licence, ...]:
    """Return the applicant's licences, newest first; the look-up is logged.

    Raises:
        Refused: ``licence.nobody`` while the applicant's number is not known.
        Unavailable: ``licence.none`` without a source, or what the source raises.
    """
    if lookup is None:
        raise Unavailable("licence.none")
    holder_type, holder_no = applicant.identity
    if not holder_no:
        raise Refused("licence.nobody", "applicant")
    found = lookup.find(holder_type, holder_no)
    with desk.store.transaction() as tx:
        tx.log_reveal(desk.clerk.id, LOG_ENTRY, None, desk.now())
    return found


def verified(draft: Draft, subject: Subject, licences: Iterable[Licence], today: date) -> Verified:
    """Return the draft with what the licences prove ticked as shared, and empty fields filled from them.

    Raises:
        Refused: ``licence.nothing`` when no licence helps.
    """
    held = list(licences)
    good = {one.kind: one for one in reversed(held) if one.good_on(today)}
    materials, proved = dict(draft.materials), []
    for rule in subject.rules:
        licence = good.get(rule.licence) if rule.licence else None
        if licence is not None and _may_prove(rule, materials.get(rule.key, MaterialTick())):
            materials[rule.key] = MaterialTick(state=MaterialState.SHARED, note=_note(licence, today))
            proved.append(rule.key)
    form, filled = _filled(draft, subject, good.values())
    if not proved and not filled:
        raise Refused("licence.nothing")
    stale = tuple(one for one in held if one.kind not in good)
    changed = replace(draft, materials=materials, form=draft.form | form)
    return Verified(draft=changed, proved=tuple(proved), filled=filled, stale=stale)


def _may_prove(rule: MaterialRule, tick: MaterialTick) -> bool:
    return NoSubmit.SHARED in rule.no_submit and tick.state in {MaterialState.LACKING, MaterialState.REUSED}


def _note(licence: Licence, today: date) -> str:
    return f"{licence.name} {licence.mark} {today.isoformat()} 电子证照核验"


def _filled(
    draft: Draft, subject: Subject, licences: Iterable[Licence]
) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return values for fields the clerk left empty, and their keys."""
    wanted = {field.key for field in subject.fields if field.kind in {"text", "longtext", "uscc", "phone"}}
    values: dict[str, str] = {}
    for licence in licences:
        for key, value in licence.fields.items():
            if key in wanted and not draft.form.get(key) and value:
                values.setdefault(key, value)
    return values, tuple(values)

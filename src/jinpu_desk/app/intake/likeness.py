"""What the applicant already said need not be typed again in the form (``Field.same_as``)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jinpu_desk.catalogue.model import Field
from jinpu_desk.domain.parties import Applicant


def with_same(fields: tuple[Field, ...], form: Mapping[str, Any], applicant: Applicant) -> dict[str, Any]:
    """Return the form with each empty entry that is the applicant's name or number filled from there."""
    filled = dict(form)
    for field in fields:
        held = filled.get(field.key)
        if field.kind == "group":
            inner = with_same(field.fields, held if isinstance(held, Mapping) else {}, applicant)
            if inner:
                filled[field.key] = inner
        elif held in (None, "") and (said := _said(applicant, field.same_as)):
            filled[field.key] = said
    return filled


def _said(applicant: Applicant, what: str) -> str:
    match what:
        case "name":
            return applicant.name
        case "phone":
            return applicant.phone
        case "id_no":
            return applicant.id_no
        case "uscc":
            return applicant.uscc
        case _:
            return ""

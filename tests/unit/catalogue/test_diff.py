"""The difference list names what came, what went, and each key that changed."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from jinpu_desk.catalogue.diff import CatalogueDiff, Changed, diff
from jinpu_desk.catalogue.load import load
from jinpu_desk.catalogue.model import Catalogue, Item


def edited(files: dict[str, bytes], file: str, old: str, new: str) -> Catalogue:
    text = files[file].decode()
    assert old in text
    return load(files | {file: text.replace(old, new, 1).encode()})


def only_item(found: CatalogueDiff) -> Changed:
    others = (found.items.added, found.items.removed, found.packages, found.seals, found.authorities)
    assert not any(others)
    (changed,) = found.items.changed
    return changed


def told(changed: Changed) -> dict[str, tuple[Any, Any]]:
    return {change.where: (change.old, change.new) for change in changed.changes}


def test_a_catalogue_is_the_same_as_itself(catalogue: Catalogue, files: dict[str, bytes]) -> None:
    found = diff(catalogue, load(files))
    assert not found
    assert found.old == found.new


def test_another_term_is_told_as_a_term(catalogue: Catalogue, files: dict[str, bytes]) -> None:
    new = edited(files, "items/small-catering.toml", "promised_days = 5", "promised_days = 3")
    changed = only_item(diff(catalogue, new))
    assert (changed.key, changed.name) == ("small-catering", "小餐饮经营许可")
    assert told(changed) == {"promised_days": (5, 3)}
    assert changed.terms == changed.changes


def test_a_new_material_is_told_by_name(catalogue: Catalogue, files: dict[str, bytes]) -> None:
    paper = '[[materials]]\nkey = "photo"\nname = "场所照片"\n\n[[fields]]'
    new = edited(files, "items/small-catering.toml", "[[fields]]", paper)
    changed = only_item(diff(catalogue, new))
    assert [(entry.key, entry.name) for entry in changed.materials_added] == [("photo", "场所照片")]
    assert told(changed) == {"materials.photo": (None, "场所照片")}
    assert not changed.terms
    back = only_item(diff(new, catalogue))
    assert [entry.key for entry in back.materials_removed] == ["photo"]
    assert told(back) == {"materials.photo": ("场所照片", None)}


def test_a_change_inside_a_row_is_named_to_the_key(catalogue: Catalogue, files: dict[str, bytes]) -> None:
    new = edited(files, "items/small-catering.toml", "tolerable = true", "tolerable = false")
    assert told(only_item(diff(catalogue, new))) == {"materials.layout.tolerable": (True, False)}
    new = edited(files, "items/simple-cancel.toml", "filing_days = 20", "filing_days = 30")
    assert told(only_item(diff(catalogue, new))) == {"notice.filing_days": (20, 30)}
    new = edited(files, "items/drug-retail.toml", 'label = "只经营乙类非处方药"', 'label = "仅乙类"')
    assert told(only_item(diff(catalogue, new))) == {
        "questions.drug_scope.options.otc-b.label": ("只经营乙类非处方药", "仅乙类")
    }


def test_a_part_that_came_is_told_whole(catalogue: Catalogue, files: dict[str, bytes]) -> None:
    new = edited(
        files,
        "items/small-catering.toml",
        "[[materials]]",
        '[[fees]]\nname = "费"\nstandard = "10 元"\n\n[[materials]]',
    )
    (change,) = only_item(diff(catalogue, new)).changes
    assert (change.where, change.old) == ("fees", ())
    assert change.new == ({"name": "费", "standard": "10 元"},)


def test_the_order_of_rows_counts(catalogue: Catalogue) -> None:
    item = catalogue.items["small-catering"]
    turned = replace(item, materials=item.materials[::-1])
    changed = only_item(diff(catalogue, replace(catalogue, items=catalogue.items | {item.key: turned})))
    keys = [material.key for material in item.materials]
    assert told(changed) == {"materials": (keys, keys[::-1])}


def test_packages_authorities_and_seals_are_told(catalogue: Catalogue, files: dict[str, bytes]) -> None:
    found = diff(catalogue, edited(files, "packages/open-salon.toml", "cap_days = 45", "cap_days = 30"))
    assert not found.items
    (changed,) = found.packages.changed
    assert [(term.where, term.old, term.new) for term in changed.terms] == [("cap_days", 45, 30)]
    found = diff(
        catalogue, edited(files, "catalogue.toml", 'enquiry_phone = "12345"', 'enquiry_phone = "12315"')
    )
    assert [changed.key for changed in found.authorities.changed] == ["market"]
    found = diff(
        catalogue,
        edited(
            files,
            "catalogue.toml",
            "valid_from = 2020-01-01",
            "valid_from = 2020-01-01\nvalid_to = 2027-01-01",
        ),
    )
    assert [told(changed) for changed in found.seals.changed] == [{"valid_to": (None, "2027-01-01")}]


def picked(items: dict[str, Item], keys: set[str]) -> dict[str, Item]:
    return {key: item for key, item in items.items() if key in keys}


KEYS = ["company-change", "small-catering", "drug-retail", "hotel-licence"]
sides = st.fixed_dictionaries(
    {
        "keys": st.sets(st.sampled_from(KEYS)),
        "days": st.integers(1, 3),
        "noted": st.sets(st.sampled_from(KEYS)),
    }
)


def made(catalogue: Catalogue, side: dict[str, Any]) -> Catalogue:
    items = {
        key: replace(item, promised_days=side["days"], note="演示" if key in side["noted"] else "")
        for key, item in picked(catalogue.items, side["keys"]).items()
    }
    return replace(catalogue, items=items, packages={})


@given(one=sides, two=sides)
def test_the_way_back_is_the_way_there_turned_round(
    catalogue: Catalogue, one: dict[str, Any], two: dict[str, Any]
) -> None:
    old, new = made(catalogue, one), made(catalogue, two)
    there, back = diff(old, new), diff(new, old)
    assert {e.key for e in there.items.added} == two["keys"] - one["keys"]
    assert there.items.added == back.items.removed
    assert there.items.removed == back.items.added
    assert {c.key for c in there.items.changed} == {
        key for key in one["keys"] & two["keys"] if old.items[key] != new.items[key]
    }
    turned = {c.key: {where: (new, old) for where, (old, new) in told(c).items()} for c in back.items.changed}
    assert {c.key: told(c) for c in there.items.changed} == turned
    assert bool(there) == (old.items != new.items)

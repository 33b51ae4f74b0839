"""What an application is about: an item or a package, seen alike by intake, papers and screens."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal

import msgspec
from msgspec.structs import replace

from jinpu_desk.catalogue import packages
from jinpu_desk.catalogue.checklist import Answers, Complaint, asked, check_answers, checklist, in_situation
from jinpu_desk.catalogue.forms import form_fields, read_form, shown_fields
from jinpu_desk.catalogue.guide import Fee
from jinpu_desk.catalogue.in_force import refuse_closed
from jinpu_desk.catalogue.model import Authority, Catalogue, Field, FormRule, Item, Notice, Package, Question
from jinpu_desk.domain.bodies import DocFamily, Terms
from jinpu_desk.domain.case import Case
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.materials import MaterialRule, MaterialTick

from ..desk import Desk, Premises
from .notice import notice_of

JOINT_EXTENSION_DAYS = 15
"""Working days a joint handling may be extended by, with the approval of the local government (许可法 art. 42(2))."""
HALL = "00"
"""Station code of the service hall, which takes everything."""
PARTY_LABELS = {
    "applicant.name": "申请人姓名或名称",
    "applicant.id_type": "证件类型",
    "applicant.id_no": "证件号码",
    "applicant.uscc": "统一社会信用代码",
    "applicant.phone": "联系电话",
    "agent.name": "代理人姓名",
    "agent.id_no": "代理人证件号码",
    "agent.phone": "代理人电话",
    "backfill.received_at": "原收件时间",
    "backfill.accepted_on": "原受理日期",
    "backfill.reason": "补录理由",
}


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """An item or package in one situation: everything needed to ask, judge and print."""

    key: str
    package: bool
    name: str
    terms: Terms
    rules: tuple[MaterialRule, ...]
    questions: tuple[Question, ...]  # all, asked or not
    fields: tuple[Field, ...]
    form_rules: tuple[FormRule, ...] = ()
    children: tuple[ChildSubject, ...] = ()
    may_take: bool = True
    guided_to: str = ""
    licence_cancelled: bool = False
    basis: str = ""
    category: str = ""
    authority: Authority = Authority(name="", short="")
    condition: str = ""  # 受理条件, as the guide tells it
    untimed: tuple[str, ...] = ()
    correction_days: int | None = None
    raw_materials: int = 0
    raw_fields: int = 0
    agent: bool = False
    notices: tuple[Notice, ...] = ()  # 公示 demanded in this situation; the field by its name here
    request: bool = False  # 诉求: no terms, no decision on receipt, runs until it is answered
    check_mode: Literal["", "on-site", "remote", "pledge"] = ""
    fees: tuple[Fee, ...] = ()
    result_name: str = ""

    @property
    def decides_here(self) -> bool:
        """Whether the window may decide as it accepts: 授权即办, or a 备案 done at once (DOMAIN C6, §B4)."""
        terms = self.terms
        if self.package or self.request or terms.promised_days or terms.family is DocFamily.REGISTRATION:
            return False
        return terms.window_authorised or (terms.family is DocFamily.FILING and terms.on_the_spot)

    def asked(self, answers: Answers) -> tuple[Question, ...]:
        """Return the questions asked in this situation."""
        return asked(self.questions, answers)

    def answer_problems(self, answers: Answers) -> list[Complaint]:
        """Return what is wrong with the answers."""
        return check_answers(self.questions, answers)

    def normalised_form(
        self, answers: Answers, form: Mapping[str, Any], today: date
    ) -> tuple[dict[str, Any], list[Complaint]]:
        """Return the form as stored and what is wrong with it; a package asks each child's rules, too."""
        read, complaints = read_form(
            self.fields, self.questions, self.form_rules, answers, form, today, agent=self.agent
        )
        if not complaints:
            for child in self.children:
                complaints += child.rule_problems(answers, read, agent=self.agent)
        return read, complaints

    def label(self, where: str) -> str:
        """Return what a clerk calls the place ``where``."""
        part, _, path = where.partition(".")
        if part == "form":
            return _field_label(self.fields, path)
        if part == "answers":
            return next((q.label for q in self.questions if q.key == path), path)
        if part == "materials":
            return next((rule.name for rule in self.rules if rule.key == path), path)
        return PARTY_LABELS.get(where, where)

    def form_fields(self, answers: Answers) -> dict[str, tuple[str, Field]]:
        """Return path → (label, field) of every field shown, groups opened."""
        shown = shown_fields(self.fields, self.questions, answers, agent=self.agent)
        found: dict[str, tuple[str, Field]] = {}
        for field in shown:
            if field.kind == "group":
                found |= {f"{field.key}.{f.key}": (f"{field.label}·{f.label}", f) for f in field.fields}
            else:
                found[field.key] = (field.label, field)
        return found


class ChildSubject(msgspec.Struct, frozen=True, kw_only=True):
    """A branch of a package: its item's subject and the part of the merged application that is its own."""

    subject: Subject
    part: packages.Child

    @property
    def name(self) -> str:
        """The item's name."""
        return self.subject.name

    def form_of(self, form: Mapping[str, Any]) -> dict[str, Any]:
        """Return the item's own form."""
        return packages.split_form(self.part, form)

    def materials_of(self, ticks: Mapping[str, MaterialTick]) -> dict[str, MaterialTick]:
        """Return the item's own ticks."""
        return packages.split_materials(self.part, ticks)

    def answers_of(self, answers: Answers) -> dict[str, Any]:
        """Return the answers to the item's own questions."""
        return packages.split_answers(self.part, answers)

    def rule_problems(self, answers: Answers, form: Mapping[str, Any], *, agent: bool) -> list[Complaint]:
        """Return the item's rules across fields that the merged form breaks."""
        return packages.own_rules_broken(self.part, answers, form, agent=agent)


def _field_label(fields: tuple[Field, ...], path: str) -> str:
    key, _, rest = path.partition(".")
    field = next((f for f in fields if f.key == key), None)
    if field is None:
        return path
    return f"{field.label}·{_field_label(field.fields, rest)}" if rest else field.label


def subject_of(desk: Premises, target: str, package: bool, answers: Answers, agent: bool) -> Subject:
    """Return the subject of an application at this desk, by today's catalogue.

    Raises:
        Refused: ``intake.unknown-item``, ``catalogue.not-in-force``, ``catalogue.only-in-package``.
    """
    refuse_closed(desk.catalogue, target, package=package, answers=answers, day=desk.today())
    return _subject(desk, desk.catalogue, target, package, answers, agent)


def subject_of_case(desk: Desk, case: Case) -> Subject:
    """Return the subject of a recorded case, by the catalogue it was taken in under.

    A case whose catalogue never reached this desk still opens: its own terms and ticks stand in.
    """
    catalogue = desk.catalogue
    if case.catalogue != catalogue.digest:
        catalogue = desk.past_catalogue(case.catalogue) or catalogue
    try:
        subject = _subject(desk, catalogue, case.item, case.package, case.answers, case.agent is not None)
    except Refused:
        return _bare(case)
    return replace(subject, terms=case.terms)


def _bare(case: Case) -> Subject:
    rules = tuple(MaterialRule(key=key, name=key) for key in case.materials)
    return Subject(
        key=case.item,
        package=case.package,
        name=case.terms.item_name,
        terms=case.terms,
        rules=rules,
        questions=(),
        fields=tuple(Field(key=key, label=key, required=False) for key in case.form),
    )


def _subject(
    desk: Premises, catalogue: Catalogue, target: str, package: bool, answers: Answers, agent: bool
) -> Subject:
    if package:
        found = catalogue.packages.get(target)
        if found is not None:
            return _of_package(desk, catalogue, found, answers, agent)
    else:
        item = catalogue.items.get(target)
        if item is not None:
            return _of_item(desk, catalogue, in_situation(item, answers, agent=agent), answers, agent)
    raise Refused("intake.unknown-item", "package" if package else "item", key=target)


def _of_item(desk: Premises, catalogue: Catalogue, item: Item, answers: Answers, agent: bool) -> Subject:
    authority = catalogue.authority_of(item)
    rules = checklist(item, answers, agent=agent)
    fields = form_fields(item, answers, agent=agent)
    return Subject(
        key=item.key,
        package=False,
        name=item.name,
        terms=Terms(
            item_name=item.name,
            item_code=item.code,
            authority=authority.name,
            family=item.family,
            on_the_spot=item.project_type == 1,
            window_authorised=item.window_authorised,
            legal_days=item.legal_days,
            promised_days=item.promised_days,
            extension_days=item.extension_days,
            licence_mode=item.licence_mode,
        ),
        rules=rules,
        questions=item.questions,
        fields=fields,
        form_rules=item.rules,
        may_take=item.entered and (desk.replica.station == HALL or item.stations),
        guided_to=desk.stations.get(HALL, "政务服务大厅"),
        licence_cancelled=item.licence_mode == "cancelled",
        basis="；".join(item.basis),
        category=item.category or item.name,
        untimed=item.untimed,
        correction_days=item.correction_days,
        raw_materials=len(rules),
        raw_fields=len(fields),
        agent=agent,
        authority=authority,
        notices=tuple(filter(None, [notice_of(item, answers, agent=agent)])),
        request=item.role == "request",
        check_mode=item.check_mode,
        condition=item.guide.condition,
        fees=item.fees,
        result_name=item.result.name if item.result else "",
    )


def _of_package(
    desk: Premises, catalogue: Catalogue, package: Package, answers: Answers, agent: bool
) -> Subject:
    merged = packages.merge(catalogue, package, answers, agent=agent)
    authority = catalogue.authorities[package.authority]
    children = tuple(
        ChildSubject(
            subject=_of_item(desk, catalogue, child.item, packages.split_answers(child, answers), agent),
            part=child,
        )
        for child in merged.children
    )
    return Subject(
        key=package.key,
        package=True,
        name=package.name,
        terms=Terms(
            item_name=package.name,
            authority=authority.name,
            family=DocFamily.LICENCE,
            legal_days=merged.legal_days,
            promised_days=merged.promised_days,
            extension_days=JOINT_EXTENSION_DAYS,
        ),
        rules=merged.rules,
        questions=merged.questions,
        fields=merged.fields,
        children=children,
        may_take=desk.replica.station == HALL,
        guided_to=desk.stations.get(HALL, "政务服务大厅"),
        basis="行政许可法第二十六条",
        raw_materials=merged.raw_materials,
        raw_fields=merged.raw_fields,
        agent=agent,
        authority=authority,
        notices=tuple(
            replace(notice, field=child.part.fields.get(notice.field, notice.field))
            for child in children
            for notice in child.subject.notices
        ),
        fees=tuple(fee for child in children for fee in child.subject.fees),
        result_name=package.result.name if package.result else "",
    )

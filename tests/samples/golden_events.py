"""One sample of every event, each field filled, and the golden file it is held against.

``PYTHONPATH=tests python -m samples.golden_events`` writes files that are missing. An existing file is history:
events like it are in stores already, so a changed shape needs a new version, a new file and an upcaster.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import msgspec

from jinpu_desk.domain import bodies as b
from jinpu_desk.domain.events import canonical, header_hash
from jinpu_desk.domain.ids import CaseId, CaseNo, Digest, EventId
from jinpu_desk.domain.materials import MaterialState, MaterialTick
from jinpu_desk.domain.parties import Agent, Applicant

from .cases import Chain

FOLDER = Path(__file__).parents[1] / "golden" / "events"
DAY = date(2026, 9, 18)
EVENT = EventId("01900000-0000-7000-8000-00000000e001")
SHA = Digest("a" * 64)
CHANGES: dict[str, tuple[Any, Any]] = {"form.name": ("演示旧名", "演示新名"), "form.employees": (None, 3)}
APPLICANT = Applicant(
    type="person",
    name="王䶮",
    id_type="111",
    id_no="210213199003070016",
    uscc="",
    phone="13900000000",
    contact="演示联系人",
    address="演示路1号",
)
TERMS = b.Terms(
    item_name="小餐饮经营许可",
    item_code="00013112800001",
    authority="演示机关",
    family=b.DocFamily.FILING,
    on_the_spot=True,
    window_authorised=True,
    legal_days=None,
    promised_days=5,
    extension_days=3,
    licence_mode="optimised",
)
TICKS = {
    "application": MaterialTick(
        state=MaterialState.RECEIVED, originals=1, copies=2, pages=3, files=(SHA,), note="演示"
    )
}
SAMPLES: dict[str, b.Body] = {
    "case.received": b.CaseReceived(
        case_no=CaseNo("210213030022026112300011"),
        query_code="012345",
        item="open-restaurant",
        package=True,
        parent=CaseId("01900000-0000-7000-8000-00000000c009"),
        children=(CaseId("01900000-0000-7000-8000-00000000c002"),),
        applicant=APPLICANT,
        agent=Agent(
            name="演示乙", id_type="111", id_no="210213199003080011", phone="139", mandate="代为提交"
        ),
        answers={"address_mode": "lease", "pre_approval": True, "kinds": ["a", "b"]},
        form={"name": "演示小馆", "employees": 3, "supervisor": None, "shareholder": {"name": "演示丙"}},
        materials=TICKS,
        terms=TERMS,
        station="03",
        window="综合窗口07",
        received_on=DAY,
        overrides={"applicant.id_no": "证件原件如此"},
        note="演示备注",
        external_no="外部1",
        channel="post",
        delivery="electronic",
        ticket="A012",
        green="演示：行动不便",
        backfill=b.Backfill(received_at=1_789_000_000_000, reason="断网时在纸上收件"),
    ),
    "case.pre-applied": b.CasePreApplied(
        case_no=CaseNo("210213000012026112300014"),
        query_code="012345",
        item="open-restaurant",
        package=True,
        applicant=APPLICANT,
        agent=Agent(
            name="演示乙", id_type="111", id_no="210213199003080011", phone="139", mandate="代为提交"
        ),
        answers={"address_mode": "lease"},
        form={"name": "演示小馆"},
        materials=TICKS,
        terms=TERMS,
        station="03",
        applied_on=DAY,
        source="演示网上大厅",
        external_no="W1",
    ),
    "case.guided": b.CaseGuided(
        case_no=CaseNo("210213030022026112300011"),
        query_code="012345",
        item="open-restaurant",
        package=True,
        applicant=APPLICANT,
        answers={"address_mode": "lease"},
        terms=TERMS,
        station="03",
        guided_to="政务服务大厅",
    ),
    "case.accepted": b.CaseAccepted(
        accepted_on=DAY, deemed=True, supplement_by={"layout": date(2026, 9, 24)}, pledged=("address-proof",)
    ),
    "case.correction-noticed": b.CorrectionNoticed(
        faults=(b.Fault(material="layout", problem="未提交", requirement="标明尺寸", basis="演示条款"),),
        correct_by=date(2026, 10, 18),
        override_reason="首次告知有遗漏",
    ),
    "case.resubmitted": b.CaseResubmitted(received_on=DAY, materials=TICKS, channel="post"),
    "case.refused": b.CaseRefused(
        reason="不属于本机关职权", article="演示条款", competent_organ="演示机关", not_needed=True
    ),
    "case.corrected-on-the-spot": b.CorrectedOnTheSpot(changes=CHANGES, signed=False),
    "case.fields-edited": b.FieldsEdited(changes=CHANGES),
    "case.materials-ticked": b.MaterialsTicked(ticks=TICKS),
    "case.supplemented": b.CaseSupplemented(ticks=TICKS, arrived_on=DAY, channel="online"),
    "case.lapsed": b.CaseLapsed(cause="tolerance", lapsed_on=DAY, goes_on=True),
    "case.paused": b.ClockPaused(reason="testing", start=DAY, approver="演示负责人", notice_no="1号"),
    "case.resumed": b.ClockResumed(end=DAY),
    "case.extended": b.TermExtended(days=5, reason="案情复杂", approver="演示负责人", extended_on=DAY),
    "case.decided": b.CaseDecided(
        approved=True,
        decided_on=DAY,
        reason="符合条件",
        article="演示条款",
        result_name="演示许可证",
        result_no="JY1",
        valid_to=date(2031, 9, 17),
        office="演示后台",
    ),
    "case.closed": b.CaseClosed(closed_on=DAY),
    "case.handed-out": b.ResultHandedOut(
        method="post",
        recipient="演示丁",
        id_type="111",
        id_no="210213199003090017",
        relation="配偶",
        tracking_no="E0001",
        handed_on=DAY,
        served=False,
        authorised=True,
        proof=SHA,
        service="entrusted",
        place="演示路1号",
        phone="13900000009",
        copies=2,
        refused_because="演示",
        witness="演示戊",
    ),
    "case.delivered": b.DeliveryConfirmed(served_on=DAY, signed_by="演示丁"),
    "case.materials-returned": b.MaterialsReturned(
        materials={"application": 1}, recipient="演示丁", returned_on=DAY, note="演示"
    ),
    "case.handed-on": b.HandedOn(
        slip=CaseNo("210213030022026112300020"),
        origin="综合窗口07",
        target="审批二科",
        materials={"application": 1},
        items=3,
        pages=12,
        handed_on=DAY,
    ),
    "case.taken-over": b.TakenOver(
        slip=CaseNo("210213030022026112300020"), receiver="演示己", taken_on=DAY, returned=True
    ),
    "case.visited": b.CaseVisited(visited_on=DAY, ticket="A013", purpose="咨询进度"),
    "case.rated": b.CaseRated(
        occasion="result", satisfaction=2, aspects=("等候时间长",), text="演示", rated_on=DAY
    ),
    "case.rating-answered": b.RatingAnswered(text="已回访，增开窗口", answered_on=DAY),
    "case.pledge-checked": b.PledgeChecked(
        materials=("address-proof",), kept=False, checked_on=DAY, note="地址不实"
    ),
    "case.credit-repaired": b.CreditRepaired(
        repaired_on=DAY, reason="已改正并公示期满", approver="演示负责人"
    ),
    "case.withdrawn": b.CaseWithdrawn(reason="不再办理"),
    "case.voided": b.CaseVoided(reason="录入错误"),
    "case.noted": b.CaseNoted(text="𬬻，已电话告知"),
    "case.attached": b.PagesAttached(
        material="layout", sha256=SHA, media_type="application/pdf", size=12_345, pages=4
    ),
    "case.paper-issued": b.PaperIssued(
        kind="D7",
        variant="registered",
        doc_no="金普市监登字〔2026〕1号",
        sha256=SHA,
        facts_digest=Digest("b" * 64),
        pages=2,
        seal="market-registration",
    ),
    "case.paper-reprinted": b.PaperReprinted(
        paper=EVENT, number=1, reason="卡纸", doc_no="金普市监登字〔2026〕2号"
    ),
    "case.conflict-resolved": b.ConflictResolved(
        parked=EVENT, keep=True, changes=CHANGES, reason="以窗口为准"
    ),
}


def golden(body: b.Body) -> dict[str, Any]:
    """Return what is kept of a sample: its shape, its bytes and the hash of the header that carries them."""
    event = Chain().write(body)
    return {
        "type": b.type_name(body),
        "version": body.version,
        "schema": _bare(msgspec.to_builtins(msgspec.json.schema(type(body)))),
        "body": msgspec.json.decode(canonical(body)),
        "header_hash": header_hash(event.header),
    }


def path_of(type_: str, version: int) -> Path:
    """Return the golden file of a version."""
    return FOLDER / f"{type_}.v{version}.json"


def _bare(schema: Any) -> Any:
    """Leave the docstrings out: they are not part of the shape."""
    if isinstance(schema, dict):
        return {key: _bare(value) for key, value in sorted(schema.items()) if key != "description"}
    return [_bare(value) for value in schema] if isinstance(schema, list | tuple) else schema


def main() -> None:
    """Write the files that are missing."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for type_, body in SAMPLES.items():
        path = path_of(type_, body.version)
        if not path.exists():
            path.write_text(json.dumps(golden(body), ensure_ascii=False, indent=1) + "\n")


if __name__ == "__main__":
    main()

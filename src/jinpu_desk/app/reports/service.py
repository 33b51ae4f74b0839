"""How applicants were served: corrections and refusals, papers and visits spared, ratings, requests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from jinpu_desk.domain.case import Flag, Status

from ..ports import CaseQuery, Dimension
from ..rows import CaseRow
from . import marks
from .counts import bars, counted
from .ledgers import CASE_NO, ITEM, once, who
from .model import Chart, Column, Kind, Line, Period, Ratio, Series, Table, Tone, number, table
from .source import LONGEST_LIST, Content, ReportSource, arrived

ITEMS = Column("item", "事项", "Item", width=2.2)
RATINGS: tuple[tuple[int, str, Tone], ...] = (
    (5, "非常满意", "good"),
    (4, "满意", "info"),
    (3, "基本满意", "tolerated"),
    (2, "不满意", "pledged"),
    (1, "非常不满意", "bad"),
)
"""The five grades of 好差评 (国办发〔2019〕51号); the last two are 差评."""
SATISFIED = 3
OCCASIONS = {"receipt": "收件", "result": "办结"}


def _rate(key: str, label: str, label_en: str) -> Column:
    return Column(key, label, label_en, Kind.RATIO, total=True, width=1.3)


def corrections(source: ReportSource, period: Period) -> Content:
    """Tell how often applicants were sent for corrections, refused, or let in with something missing, by item."""
    counts: dict[str, Counter[str]] = {}
    by: tuple[Dimension, ...] = ("item", "child", "status", "flags", "marks")
    for (item, child, status, flags, held), cases in source.reader.tally(arrived(period), *by):
        if not counted(status) or child:
            continue
        found = counts.setdefault(item, Counter())
        found.update(dict.fromkeys(held, cases))
        found["cases"] += cases
        refused = status == Status.REFUSED and Flag.NOT_NEEDED not in flags
        found["refused"] += cases if refused else 0
    ordered = sorted(counts.items(), key=lambda each: (-each[1]["cases"], each[0]))
    rows: list[Line] = [
        (
            source.item_name(item),
            found["cases"],
            Ratio(found[marks.CORRECTED], found["cases"]),
            found[marks.CORRECTED_AGAIN],
            Ratio(found["refused"], found["cases"]),
            found[marks.TOLERATED],
            Ratio(found[marks.SUPPLEMENTED], found[marks.TOLERATED]),
            found[marks.LAPSED],
        )
        for item, found in ordered
    ]
    columns = (
        ITEMS,
        number("cases", "收件", "Received"),
        _rate("corrected", "补正率", "Corrected"),
        number("corrected_again", "再次补正", "Corrected twice"),
        _rate("refused", "不予受理率", "Refused"),
        number("tolerated", "容缺", "Tolerated"),
        _rate("supplemented", "容缺补齐率", "Supplemented"),
        number("lapsed", "逾期终止", "Lapsed"),
    )
    named = [(source.item_name(item), found[marks.CORRECTED]) for item, found in ordered]
    return Content(
        tables=(table("corrections", "补正、不予受理与补齐", "Corrections and refusals", columns, rows),),
        charts=(bars("发出补正告知的办件", "补正", [each for each in named if each[1]]),),
        notes=(
            "按期内收件统计，“一件事”按一套申请计，子办件不另计；不予受理率不含“无需许可”。括号内为分子/分母。",
        ),
    )


def reuse(source: ReportSource, period: Period) -> Content:
    """Tell how many papers nobody had to bring: shared data, earlier papers, and one paper for several items of a
    package (减材料, DOMAIN C3, C14)."""
    found: dict[str, Counter[str]] = {}
    raw: Counter[str] = Counter()
    by: tuple[Dimension, ...] = ("item", "child", "package", "status", "shared", "reused", "materials")
    for (item, child, package, status, shared, reused, materials), cases in source.reader.tally(
        arrived(period), *by
    ):
        if not counted(status) or child:
            continue
        counts = found.setdefault(item, Counter())
        counts.update(cases=cases, shared=shared * cases, reused=reused * cases, materials=materials * cases)
        if package:
            raw[item] += materials * cases
    for item, merged in raw.items():
        found[item]["merged"] = _branch_materials(source, period, item) - merged
    ordered = sorted(found.items(), key=lambda each: (-_saved(each[1]), -each[1]["cases"], each[0]))
    rows: list[Line] = [
        (
            source.item_name(item),
            counts["cases"],
            counts["shared"],
            counts["reused"],
            counts["merged"],
            _saved(counts),
            Ratio(_saved(counts), counts["materials"] + counts["merged"]),
        )
        for item, counts in ordered
    ]
    columns = (
        ITEMS,
        number("cases", "收件", "Received"),
        number("shared", "共享免提交", "Shared"),
        number("reused", "历史复用", "Reused"),
        number("merged", "一件事合并", "Merged"),
        number("saved", "减材料（份）", "Saved"),
        _rate("share", "占应交材料", "Of all"),
    )
    return Content(
        tables=(table("reuse", "减材料", "Papers spared", columns, rows),),
        charts=(bars("减材料", "份", [(source.item_name(i), _saved(c)) for i, c in ordered if _saved(c)]),),
        notes=(
            f"期内共减材料 {sum(_saved(counts) for counts in found.values())} 份。“一件事”的子办件并入主办件统计。",
        ),
    )


def _branch_materials(source: ReportSource, period: Period, package: str) -> int:
    """How many materials the branches of a package would have asked for one by one."""
    found = 0
    for row in source.reader.rows(arrived(period, item=package)):
        if row.package and counted(row.status):
            for (materials,), cases in source.reader.tally(CaseQuery(parent=row.case_id), "materials"):
                found += materials * cases
    return found


def _saved(counts: Counter[str]) -> int:
    return counts["shared"] + counts["reused"] + counts["merged"]


def visits(source: ReportSource, period: Period) -> Content:
    """Tell how often applicants had to come (最多跑一次, DOMAIN C10); post and network cost no visit."""
    found: dict[str, Counter[int]] = {}
    for (item, child, status, number_), cases in source.reader.tally(
        arrived(period), "item", "child", "status", "visits"
    ):
        if counted(status) and not child:
            found.setdefault(item, Counter())[number_] += cases
    ordered = sorted(found.items(), key=lambda each: (-each[1].total(), each[0]))
    rows: list[Line] = [
        (
            source.item_name(item),
            counts.total(),
            counts[0],
            counts[1],
            counts.total() - counts[0] - counts[1],
            sum(times * cases for times, cases in counts.items()),
            Ratio(counts[0] + counts[1], counts.total()),
        )
        for item, counts in ordered
    ]
    columns = (
        ITEMS,
        number("cases", "收件", "Received"),
        number("none", "零跑动", "No visit"),
        number("one", "一次", "Once"),
        number("more", "两次以上", "More"),
        number("visits", "到场人次", "Visits"),
        _rate("once", "最多跑一次", "At most once"),
    )
    every: Counter[int] = sum(found.values(), Counter())
    chart = Chart(
        kind="share",
        title="到场次数",
        labels=("零跑动", "一次", "两次以上"),
        series=(Series("件数", (every[0], every[1], every.total() - every[0] - every[1])),),
        tones=("good", "info", "pledged"),
    )
    return Content(
        tables=(table("visits", "跑动次数", "Visits", columns, rows),),
        charts=(chart,),
        notes=("同一办件同一天多次到场计一次；邮寄和网上不计。“一件事”按一套计，子办件不另计。",),
    )


def ratings(source: ReportSource, period: Period) -> Content:
    """Tell what applicants said; who said nothing stands apart and is never counted as satisfied (DOMAIN F11)."""
    found: dict[str, Counter[int]] = {occasion: Counter() for occasion in OCCASIONS}
    asked: Counter[str] = Counter()
    for (status, child, held), cases in source.reader.tally(arrived(period), "status", "child", "marks"):
        if not counted(status) or child:
            continue
        asked["receipt"] += cases
        asked["result"] += cases if status in (Status.APPROVED, Status.DENIED, Status.CLOSED) else 0
        for occasion in OCCASIONS:
            for grade, _, _ in RATINGS:
                if marks.rated(occasion, grade) in held:
                    found[occasion][grade] += cases
    rows: list[Line] = [_occasion(occasion, found[occasion], asked[occasion]) for occasion in OCCASIONS]
    columns = (
        Column("occasion", "环节", "Occasion", width=0.8),
        *(number(f"g{grade}", label, str(grade)) for grade, label, _ in RATINGS),
        number("unrated", "未评价", "Not rated"),
        _rate("rated", "参评率", "Rated"),
        _rate("satisfied", "满意率（参评中）", "Satisfied of those"),
    )
    every = sum(found.values(), Counter[int]())
    return Content(
        tables=(
            table("ratings", "好差评", "Ratings", columns, rows if asked.total() else ()),
            _poor(source, period),
        ),
        charts=(
            Chart(
                kind="share",
                title="参评中的评价（不含未评价）",
                labels=tuple(label for _, label, _ in RATINGS),
                series=(Series("次数", tuple(every[grade] for grade, _, _ in RATINGS)),),
                tones=tuple(tone for _, _, tone in RATINGS),
            ),
        ),
        notes=(
            "未评价单独列出，不计为满意。满意率＝非常满意、满意、基本满意之和除以参评数。",
            "按期内收件的办件统计；同一环节评价多次的以最后一次为准；办结环节只问已办结的。",
        ),
    )


def _occasion(occasion: str, found: Counter[int], asked: int) -> Line:
    rated = found.total()
    good = sum(found[grade] for grade, _, _ in RATINGS if grade >= SATISFIED)
    unrated = max(asked - rated, 0)
    share = Ratio(rated, rated + unrated)
    return (
        OCCASIONS[occasion],
        *(found[grade] for grade, _, _ in RATINGS),
        unrated,
        share,
        Ratio(good, rated),
    )


def _poor(source: ReportSource, period: Period) -> Table:
    rows: list[Line] = []
    reader = source.reader
    poor = [marks.rated(occasion, grade) for occasion in OCCASIONS for grade in range(1, SATISFIED)]
    for row, case in once(*(reader.cases(arrived(period, mark=mark)) for mark in poor)):
        for rating in case.ratings:
            if rating.satisfaction < SATISFIED:
                rows.append(
                    (
                        row.case_no,
                        source.item_name(row.item),
                        who(source, row),
                        OCCASIONS[rating.occasion],
                        next(label for grade, label, _ in RATINGS if grade == rating.satisfaction),
                        rating.rated_on,
                        "；".join(filter(None, ["、".join(rating.aspects), rating.text])),
                        rating.answer or "待回访",
                    )
                )
    columns = (
        CASE_NO,
        ITEM,
        Column("applicant", "申请人", "Applicant", width=1.2),
        Column("occasion", "环节", "Occasion", width=0.6),
        Column("grade", "评价", "Rating"),
        Column("rated_on", "日期", "Date", Kind.DATE),
        Column("text", "内容", "What was said", width=2),
        Column("answer", "回访整改", "Follow-up", width=2),
    )
    rows.sort(key=lambda line: (line[7] != "待回访", str(line[5]), str(line[0])))
    return table(
        "poor", "差评与回访", "Poor ratings and their follow-up", columns, rows, at_most=LONGEST_LIST
    )


def requests(source: ReportSource, period: Period) -> Content:
    """Tell what became of complaints and requests: 8890 and 马上办 (DOMAIN U4, U5)."""
    keys = [key for key, item in source.catalogue.items.items() if item.role == "request"]
    rows: list[Line] = []
    waiting: list[Line] = []
    for key in keys:
        counts = Counter[str]()
        for row, case in source.reader.cases(arrived(period, item=key)):
            if not counted(row.status):
                continue
            ended_on = row.closed_on
            last = case.ratings[-1].satisfaction if case.ratings else None
            late = row.due is not None and (ended_on or source.today) > row.due
            counts.update(
                cases=1,
                replied=int(case.decision is not None or row.status == Status.CLOSED),
                late=int(late),
                rated=int(last is not None),
                satisfied=int(last is not None and last >= SATISFIED),
            )
            if case.open:
                waiting.append(_request(source, key, row, late=late))
        if counts["cases"]:
            rows.append(_requests(source, key, counts))
    return Content(
        tables=(
            table("requests", "诉求办理", "Requests", _REQUEST_COLUMNS, rows),
            table("unanswered", "办理中的诉求", "Under way", _WAITING_COLUMNS, waiting, at_most=LONGEST_LIST),
        ),
        charts=(bars("各类诉求", "件数", _named(rows)),),
        notes=("按期率为期内收到的诉求中没有超过答复期限的；没有期限的视为未超期。满意率只计参评的。",),
    )


def _requests(source: ReportSource, key: str, counts: Counter[str]) -> Line:
    cases = counts["cases"]
    return (
        source.item_name(key),
        cases,
        Ratio(cases - counts["late"], cases),
        Ratio(counts["replied"], cases),
        Ratio(counts["satisfied"], counts["rated"]),
        cases - counts["rated"],
    )


def _named(rows: Sequence[Line]) -> list[tuple[str, int]]:
    return [(str(row[0]), row[1]) for row in rows if isinstance(row[1], int)]


_REQUEST_COLUMNS = (
    Column("item", "类别", "Kind", width=2),
    number("cases", "件数", "Requests"),
    _rate("on_time", "按期率", "On time"),
    _rate("replied", "答复率", "Replied"),
    _rate("satisfied", "满意率（参评中）", "Satisfied of those rated"),
    number("unrated", "未评价", "Not rated"),
)
_WAITING_COLUMNS = (
    CASE_NO,
    Column("item", "类别", "Kind", width=2),
    Column("received_on", "收到日期", "Received", Kind.DATE),
    Column("due", "答复期限", "Due", Kind.DATE),
    Column("late", "超期", "Late", width=0.6),
    Column("clerk", "收件人", "Clerk"),
)


def _request(source: ReportSource, key: str, row: CaseRow, *, late: bool) -> Line:
    return (
        row.case_no,
        source.item_name(key),
        row.received_on,
        row.due,
        "超期" if late else "",
        source.clerk_name(row.clerk),
    )

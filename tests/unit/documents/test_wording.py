"""What papers say, family by family: the law's sentences, who is told what, and words a family never uses."""

from __future__ import annotations

from collections.abc import Callable

import pypdfium2
import pytest
from msgspec.structs import replace

from jinpu_desk.app.papers import Family, PaperFacts, PaperKind, Signer
from jinpu_desk.documents.shop import Documents
from jinpu_desk.domain.errors import Refused

Reader = Callable[[str], PaperFacts]
REMEDY = "六十日内向大连金普新区管理委员会（演示）申请行政复议"


@pytest.fixture
def said(documents: Documents, signer: Signer, facts: Reader) -> Callable[..., str]:
    """Return the text of a golden paper, changed as told, without its line ends."""

    def text(name: str, **change: object) -> str:
        paper = documents.render(replace(facts(name), **change), signer)
        pages = [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(paper.data)]
        return "".join(pages).replace("\r", "").replace("\n", "")

    return text


def test_a_registration_never_speaks_of_acceptance(
    sample: str, facts: Reader, said: Callable[..., str]
) -> None:
    if facts(sample).family is Family.REGISTRATION:
        assert "受理" not in said(sample)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("d1-licence", "自出具本凭证之日起五个工作日内作出是否受理的决定"),
        ("d1-thermal-licence", "逾期不告知的，自收到申请材料之日起即为受理，本凭证即为受理凭证"),
        ("d4-licence", "依据行政许可法第三十二条第一款第（二）项，本机关决定不予受理"),
        ("d4-licence", REMEDY),
        ("d4-filing", REMEDY),
        ("d4-not-needed-licence", "依法不需要取得行政许可，本机关不受理该申请，现即时告知"),
        ("d4-not-needed-filing", "依法不需要办理备案"),
        ("d5-licence", "补齐之前，本机关不颁发、不送达办理结果"),
        ("d6-proof-licence", "可以自主选择提交证明，也可以选择书面承诺代替"),
        ("d6-proof-licence", "愿意承担不实承诺的法律责任"),
        ("d6-licence-licence", "本机关依法当场作出行政许可决定"),
        ("d8-licence", "本机关决定准予行政许可"),
        ("d8-licence", "自作出决定之日起十个工作日内向你（单位）颁发、送达"),
        ("d8-filing", "予以备案"),
        ("d8-denied-licence", "经现场核查，加工场所与有毒有害场所的距离不符合要求"),
        ("d8-denied-licence", "六个月内依法向大连演示人民法院提起行政诉讼"),
        ("d9-licence", "已核验委托书"),
        ("d10-registration", "□ 直接　□ 留置　□ 委托　□ 邮寄　□ 电子　□ 公告"),
        (
            "d11-extension-licence",
            "依据《中华人民共和国行政许可法》第四十二条，经本机关负责人批准，办理期限延长十个工作日",
        ),
        ("d11-extension-licence", "2027年1月6日 暂定"),
        ("d11-extension-registration", "因情形复杂（出资人较多，需要逐一核实），不能当场登记"),
        ("d11-pause-licence", "所需时间不计算在办理期限内"),
        ("d12-terminated-licence", REMEDY),
    ],
)
def test_the_law_is_told(name: str, sentence: str, said: Callable[..., str]) -> None:
    assert sentence in said(name).replace(" ", "").replace("\u3000\u3000", "") or sentence in said(name)


@pytest.mark.parametrize("name", ["d4-service", "d8-denied-service"])
def test_a_public_service_points_to_the_supervisor_instead_of_a_court(
    name: str, said: Callable[..., str]
) -> None:
    assert "监督电话反映" in said(name)
    assert "行政复议" not in said(name)


@pytest.mark.parametrize(("name", "count"), [("d2-licence", 3), ("d10-licence", 1), ("d15-shift-licence", 1)])
def test_copies_are_as_many_as_the_law_of_the_window_says(
    name: str, count: int, documents: Documents, signer: Signer, facts: Reader
) -> None:
    one = documents.render(replace(facts(name), copies=("一",)), signer).pages
    assert documents.render(facts(name), signer).pages == count * one


@pytest.mark.parametrize("sort", ["D1", "D3", "D4", "D5", "D6", "D7", "D8", "D9", "D11", "D12", "D14"])
def test_two_parties_have_two_copies(
    sort: str, documents: Documents, signer: Signer, facts: Reader, samples: tuple[str, ...]
) -> None:
    for name in samples:
        held = facts(name)
        if held.kind is PaperKind(sort) and held.form.value not in ("thermal", "guide"):
            one = documents.render(replace(held, copies=("一",)), signer).pages
            assert documents.render(held, signer).pages == 2 * one, name


def test_the_seal_is_named_in_full_when_it_is_known(said: Callable[..., str]) -> None:
    assert "（受理专用章）" in said("d2-licence")
    assert "（演示局受理专用章）" in said("d2-licence", seal="演示局受理专用章")


def test_a_decision_bears_the_day_it_was_made_on(said: Callable[..., str], facts: Reader) -> None:
    blanks = {**facts("d8-licence").blanks, "decided_on": "2026年11月30日"}
    assert said("d8-licence", blanks=blanks).count("2026年11月30日") >= 4
    assert "2026年12月1日" not in said("d8-licence", blanks=blanks)


def test_what_the_facts_leave_open_is_left_to_the_pen(said: Callable[..., str], facts: Reader) -> None:
    blanks = facts("d11-pause-licence").blanks
    assert "十五个工作日" in said("d11-pause-licence")
    assert "______ 个工作日" in said("d11-pause-licence", blanks={**blanks, "duration": ""})
    empty = {"recipient": "演示受送达人"}
    for line in ("送达地点", "拒收理由", "见证人签名", "备注"):
        assert line in said("d10-licence", blanks=empty)


def test_a_licence_cannot_be_refused_without_naming_the_remedies(
    said: Callable[..., str], facts: Reader
) -> None:
    blanks = {name: value for name, value in facts("d4-licence").blanks.items() if name != "court"}
    with pytest.raises(Refused) as told:
        said("d4-licence", blanks=blanks)
    assert (told.value.code, told.value.where) == ("documents.blank-missing", "court")
    assert said("d4-service", blanks=blanks)


def test_a_pair_nobody_filled_leaves_its_place_to_the_other(said: Callable[..., str]) -> None:
    assert "实施编码" in said("d2-licence")
    without = said("d2-licence", item_code="")
    assert "实施编码" not in without
    assert "经办人" in without


def test_an_empty_list_of_the_shift_is_said_to_be_empty(said: Callable[..., str], facts: Reader) -> None:
    tables = facts("d15-shift-licence").tables
    assert "无。" not in said("d15-shift-licence")
    assert said("d15-shift-licence", tables={"counts": tables["counts"]}).count("无。") == 3


def test_a_table_of_the_wrong_shape_is_a_fault_of_ours(said: Callable[..., str]) -> None:
    with pytest.raises(ValueError, match="zip"):
        said("d14-licence", tables={"cases": (("210213030022026112300011", "事项"),)})
    with pytest.raises(Refused) as told:
        said("d14-licence", tables={"cases": ()})
    assert told.value.where == "tables.cases"

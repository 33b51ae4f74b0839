"""Many plainly fictitious (演示) cases, the same for the same seed: for benchmarks and random histories."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

from jinpu_desk.app.ports.sync import FeedItem
from jinpu_desk.domain import bodies as b
from jinpu_desk.domain.ids import CaseId, CaseNo, ClerkId, ReplicaId
from jinpu_desk.domain.numbering import make_case_no
from jinpu_desk.domain.parties import Applicant

from .cases import CATALOGUE, NOON, Chain, received

SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎"
)
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红建国文辉力鑫龙波斌宇浩凯䶮𬬻珊志鹏晨欣怡雨泽"
TRADES = ("小馆", "便利店", "餐饮有限公司", "药房", "商贸有限公司", "理发店", "面馆", "超市", "科技有限公司")
PLACES = ("金普", "开发区", "保税区", "金州", "登沙河", "杏树", "华家", "三十里堡")
ITEMS = ("small-catering", "sole-prop-setup", "food-business-new", "prepackaged-food-filing", "seal-filing")
CLERKS = tuple(map(ClerkId, ("demo", "demo-2", "demo-3", "demo-4")))
FIRST_DAY = date(2024, 1, 2)
PER_DAY = 400
"""Cases of one window a day: far from the 9 999 a serial can tell apart."""


def person(random: Random) -> Applicant:
    """Return a person nobody is: every number is drawn, no check digit is meant to hold."""
    name = random.choice(SURNAMES) + "".join(random.choices(GIVEN, k=random.choice((1, 2, 2))))
    born = date(1950, 1, 1) + timedelta(days=random.randrange(20_000))
    return Applicant(
        type="person",
        name=name,
        id_type="111",
        id_no=f"210213{born:%Y%m%d}{random.randrange(10_000):04}",
        phone=f"139{random.randrange(10**8):08}",
    )


def shop(random: Random, owner: str) -> str:
    """Return the name of a shop nobody has."""
    return f"大连{random.choice(PLACES)}演示{owner[0]}记{random.choice(GIVEN)}{random.choice(TRADES)}"


def bodies(number: int, random: Random, series: int = 7) -> list[b.Body]:
    """Return what happens to the ``number``-th case: taken in, mostly accepted, some decided and closed."""
    day = FIRST_DAY + timedelta(days=number // PER_DAY)
    who = person(random)
    opened = received(
        case_no=make_case_no("210213", "03", series, day, number % PER_DAY + 1),
        applicant=who,
        item=random.choice(ITEMS),
        form={"name": shop(random, who.name), "address": f"演示路{number}号"},
        received_on=day,
    )
    steps: list[b.Body] = [opened]
    if number % 10:
        supplement = {"layout": day + timedelta(days=7)} if number % 7 == 0 else {}
        steps.append(b.CaseAccepted(accepted_on=day, supplement_by=supplement))
        steps.append(b.PaperIssued(kind="D2", sha256=CATALOGUE, facts_digest=CATALOGUE, pages=1))
    if number % 3 == 0 and number % 10:
        steps.append(b.CaseDecided(approved=True, decided_on=day + timedelta(days=3)))
        steps.append(b.CaseClosed(closed_on=day + timedelta(days=3)))
    return steps


def case_id(number: int, random: Random) -> CaseId:
    """Return an id in the shape of a UUIDv7."""
    return CaseId(
        f"{NOON + number:012x}"[:8] + f"-{number & 0xFFFF:04x}-7{random.randrange(4096):03x}"
        f"-8{random.randrange(4096):03x}-{random.randrange(1 << 48):012x}"
    )


def feed(
    count: int, *, seed: int = 1, start: int = 0, replica: ReplicaId | None = None
) -> Iterator[FeedItem]:
    """Yield the feed of ``count`` cases of one foreign replica, about three events each."""
    random = Random(seed)
    chain = Chain(replica or ReplicaId("0190000f-0000-7000-8000-0000000000f1"))
    position = 0
    for number in range(start, start + count):
        identity = case_id(number, random)
        at = NOON + number * 60_000
        for body in bodies(number, random):
            position += 1
            event = chain.write(body, case=identity, at=at, actor=random.choice(CLERKS))
            yield FeedItem(position=position, event=event, outcome="applied")


def case_no_of(body: b.Body) -> CaseNo:
    """Return the number in an opening body."""
    assert isinstance(body, b.CaseReceived)
    return body.case_no

"""The Chinese words for states, flags and events, in one place for screens and papers."""

from __future__ import annotations

from datetime import date, datetime

from jinpu_desk.domain.bodies import DocFamily
from jinpu_desk.domain.case import DeliverState, Flag, Status
from jinpu_desk.domain.decision import Outcome
from jinpu_desk.domain.materials import MaterialState

STATE_LABELS = {
    MaterialState.RECEIVED: "齐",
    MaterialState.LACKING: "缺",
    MaterialState.TOLERATED: "容缺",
    MaterialState.PLEDGED: "承诺",
    MaterialState.SHARED: "共享",
    MaterialState.REUSED: "复用",
    MaterialState.DEFECTIVE: "瑕疵",
}
STATUS_LABELS = {
    Status.DRAFT: "草稿",
    Status.RECEIVED: "已收件待决定",
    Status.CORRECTING: "待补正",
    Status.ACCEPTED: "已受理",
    Status.DENIED: "审批不通过",
    Status.APPROVED: "审批通过",
    Status.CLOSED: "办结",
    Status.REFUSED: "不予受理",
    Status.WITHDRAWN: "已撤回",
    Status.TERMINATED: "已终止",
}
FLAG_LABELS = {
    Flag.PAUSED: "暂停计时",
    Flag.TOLERATED: "容缺",
    Flag.PLEDGED: "承诺",
    Flag.UNCHECKED: "承诺待核查",
    Flag.DEEMED: "视为受理",
    Flag.EXTENDED: "已延期",
    Flag.GUIDED: "已引导",
    Flag.VOIDED: "作废",
    Flag.NOT_NEEDED: "无需许可",
    Flag.PACKAGE: "一件事",
    Flag.CHILD: "子办件",
    Flag.AGENT: "代办",
    Flag.OVERRIDDEN: "校验放行",
    Flag.BACKFILLED: "补录",
    Flag.ONLINE: "网上申请",
    Flag.GREEN: "绿色通道",
    Flag.FALSE_PLEDGE: "虚假承诺",
    Flag.ON_THE_WAY: "流转中",
    Flag.POOR_RATING: "差评待回访",
    Flag.UNREAD: "需要升级",
}
OUTCOME_LABELS = {
    Outcome.RECEIVE: "收件",
    Outcome.ACCEPT: "受理",
    Outcome.REGISTER: "登记",
    Outcome.DECIDE: "受理并当场决定",
    Outcome.CORRECT: "一次性补正",
    Outcome.ON_THE_SPOT: "当场更正",
    Outcome.REFUSE: "不予受理",
    Outcome.NOT_NEEDED: "无需许可",
    Outcome.GUIDE: "引导",
}
DECISION_WORDS = {
    DocFamily.LICENCE: ("准予许可", "不予许可"),
    DocFamily.REGISTRATION: ("准予登记", "不予登记"),
    DocFamily.FILING: ("予以备案", "不予备案"),
    DocFamily.SERVICE: ("办理完毕", "不予办理"),
}
"""What a decision is called, for and against."""
DELIVER_LABELS = {
    DeliverState.NONE: "",
    DeliverState.WAITING: "待领取",
    DeliverState.POSTED: "已寄出",
    DeliverState.SERVED: "已送达",
}
EVENT_LABELS = {
    "case.received": "收件",
    "case.guided": "引导",
    "case.pre-applied": "网上预申请",
    "case.accepted": "受理",
    "case.correction-noticed": "一次性补正告知",
    "case.resubmitted": "补正材料收到",
    "case.refused": "不予受理",
    "case.corrected-on-the-spot": "当场更正",
    "case.fields-edited": "修改内容",
    "case.materials-ticked": "更新材料",
    "case.supplemented": "补齐容缺材料",
    "case.lapsed": "逾期未补",
    "case.paused": "暂停计时",
    "case.resumed": "恢复计时",
    "case.extended": "延期",
    "case.decided": "作出决定",
    "case.closed": "办结",
    "case.handed-out": "交付结果",
    "case.delivered": "签收结果",
    "case.materials-returned": "退还材料",
    "case.handed-on": "材料流转",
    "case.taken-over": "签收材料",
    "case.visited": "到场",
    "case.rated": "评价",
    "case.rating-answered": "差评回访",
    "case.pledge-checked": "核查承诺",
    "case.credit-repaired": "信用修复",
    "case.withdrawn": "申请人撤回",
    "case.voided": "作废",
    "case.noted": "备注",
    "case.attached": "附件",
    "case.paper-issued": "出具文书",
    "case.paper-reprinted": "补打文书",
    "case.conflict-resolved": "处理冲突",
}
VERB_LABELS = {
    "receive": "收件",
    "backfill": "补录",
    "accept": "受理",
    "register": "登记",
    "correct": "一次性补正",
    "resubmit": "收补正材料",
    "on-the-spot": "当场更正",
    "refuse": "不予受理",
    "not-needed": "无需许可告知",
    "guide": "引导",
    "supplement": "补齐容缺材料",
    "tick": "更新材料",
    "edit": "修改内容",
    "attach": "添加附件",
    "note": "备注",
    "pause": "暂停计时",
    "resume": "恢复计时",
    "extend": "延期",
    "decide": "作出决定",
    "close": "办结",
    "hand-out": "交付结果",
    "lapse": "逾期终止",
    "delivered": "登记签收",
    "return-materials": "退还材料",
    "hand-on": "材料流转",
    "take-over": "签收材料",
    "visit": "登记到场",
    "rate": "登记评价",
    "answer-rating": "差评回访",
    "check-pledge": "核查承诺",
    "repair-credit": "信用修复",
    "withdraw": "撤回",
    "void": "作废",
    "print": "打印文书",
    "resolve": "处理冲突",
    "retry": "重新登记",
    "audit": "查看审计记录",
}
ID_TYPES = {
    "111": "居民身份证",
    "112": "临时居民身份证",
    "113": "户口簿",
    "114": "军官证",
    "414": "普通护照",
    "511": "台湾居民来往大陆通行证",
    "516": "港澳居民来往内地通行证",
    "553": "外国人永久居留身份证",
    "001": "统一社会信用代码",
}
MEDIUM_LABELS = {"original": "原件", "copy": "复印件", "both": "原件、复印件"}


def day_text(day: date) -> str:
    """Return a date as documents print it: 2026年11月23日, no padding (GB/T 9704)."""
    return f"{day.year}年{day.month}月{day.day}日"


def short_day(day: date, today: date) -> str:
    """Return a date for lists: 12-01, with the year when it is another one."""
    return f"{day:%m-%d}" if day.year == today.year else day.isoformat()


def short_time(local: datetime, today: date) -> str:
    """Return a local instant for lists: 10:42 today, 11-20 10:42 otherwise."""
    return f"{local:%H:%M}" if local.date() == today else f"{short_day(local.date(), today)} {local:%H:%M}"

"""The public progress page ``/p/CASE_NO``: asks for the 查询码 and shows where a case stands, nothing personal."""

from __future__ import annotations

import datetime as dt
import secrets
from html import escape
from zoneinfo import ZoneInfo

import msgspec

from jinpu_desk.domain.case import Status
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.numbering import parse_case_no
from jinpu_desk.store.centre import ledgers, registry
from jinpu_desk.store.centre.ledgers import ProgressRow

from .centre import Centre

_ZONE = ZoneInfo("Asia/Shanghai")
_PLAIN = {
    Status.DRAFT: (
        "已登记",
        "已登记，尚未收件。现场引导的请按引导单到指定窗口办理，网上提交的请等候窗口收件。",
    ),
    Status.RECEIVED: ("已收件", "窗口已收到材料，正在审查是否受理。"),
    Status.CORRECTING: ("待补正", "材料需要补正，请按补正告知书的要求尽快补齐。"),
    Status.ACCEPTED: ("已受理", "您的申请已受理，正在办理。"),
    Status.DENIED: ("未予许可", "决定已作出，请到窗口领取决定书。"),
    Status.APPROVED: ("已批准", "结果已作出，请按领取方式取件。"),
    Status.CLOSED: ("已办结", "本件已办结。"),
    Status.REFUSED: ("不予受理", "请查看不予受理通知书。"),
    Status.WITHDRAWN: ("已撤回", "本次申请已撤回。"),
    Status.TERMINATED: ("已终止", "本件已终止，如有疑问请联系窗口。"),
}
_STEPS = ("收件", "受理", "决定", "办结")
_REACHED = {
    Status.RECEIVED: 1,
    Status.CORRECTING: 1,
    Status.ACCEPTED: 2,
    Status.DENIED: 3,
    Status.APPROVED: 3,
    Status.CLOSED: 4,
}


class Answer(msgspec.Struct, frozen=True):
    """A page and its HTTP status."""

    html: str
    status: int = 200


def ask(case_no: str) -> Answer:
    """Return the page that asks for the 查询码. It looks the same whether there is such a case or not."""
    return Answer(_page(_form(case_no, "")))


def show(centre: Centre, case_no: str, query_code: str, caller: str) -> Answer:
    """Return where the case stands when the 查询码 is right.

    Failures are counted per case and per caller, so that neither one code nor many can be guessed.
    """
    limits, now = centre.settings.limits, centre.now()
    keys = (f"progress {case_no[:24]}", f"progress-from {caller}")
    with centre.engine.begin() as connection:
        tried = max(registry.failures(connection, key, now, limits.window_ms) for key in keys)
        if tried >= limits.attempts:
            problem = f"查询次数过多，请 {limits.attempt_minutes} 分钟后再试。"
            return Answer(_page(_form(case_no, problem)), 429)
        row = _find(ledgers.progress(connection, case_no) if _well_formed(case_no) else [], query_code)
        if row is None:
            for key in keys:
                registry.count_failure(connection, key, now, limits.window_ms)
    if row is None:
        return Answer(_page(_form(case_no, "办件编号或查询码不正确，请对照凭证核对。")), 404)
    return Answer(_page(_status(case_no, row)))


def _well_formed(case_no: str) -> bool:
    try:
        return parse_case_no(case_no).text == case_no
    except Refused:
        return False


def _find(rows: list[ProgressRow], query_code: str) -> ProgressRow | None:
    for row in rows:
        if row.query_code and secrets.compare_digest(row.query_code.encode(), query_code.strip().encode()):
            return row
    return None


def _form(case_no: str, problem: str) -> str:
    alert = f'<p class="problem" role="alert">{escape(problem)}</p>' if problem else ""
    return (
        f'<p class="label">办件编号</p><p class="number">{escape(case_no[:40])}</p>{alert}'
        '<form method="post"><label class="label" for="code">查询码（凭证上的 6 位数字）</label>'
        '<input id="code" name="code" inputmode="numeric" autocomplete="off" maxlength="6" pattern="[0-9]{6}"'
        " required autofocus><button>查询进度</button></form>"
    )


def _status(case_no: str, row: ProgressRow) -> str:
    status = Status(row.status)
    name, meaning = _PLAIN[status]
    when = dt.datetime.fromtimestamp(row.last_at / 1000, _ZONE)
    reached = _REACHED.get(status, 0)
    steps = "".join(
        f'<li class="{"done" if n <= reached else ""}">{step}</li>' for n, step in enumerate(_STEPS, 1)
    )
    track = f'<ol class="steps">{steps}</ol>' if reached else ""
    return (
        f'<p class="label">办件编号</p><p class="number">{escape(case_no)}</p>'
        f'<p class="label">事项</p><p class="item">{escape(row.item_name)}</p>'
        f'<div class="status"><h2>{name}</h2><p>{meaning}</p></div>{track}'
        f'<p class="when">更新于 {when:%Y年%m月%d日 %H:%M}</p>'
    )


def _page(content: str) -> str:
    return _FRAME.replace("{content}", content)


_FRAME = """<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex"><meta name="referrer" content="no-referrer">
<title>办件进度查询</title>
<style>
:root{--ink:#17202b;--soft:#5a6675;--line:#d9dfe7;--blue:#1557b0;--ground:#f3f5f8;--red:#b3261e}
*{box-sizing:border-box;margin:0}
body{font:17px/1.6 system-ui,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif;color:var(--ink);
background:var(--ground)}
header{background:var(--blue);color:#fff;padding:22px 20px}
h1{font-size:20px;font-weight:600;max-width:520px;margin:0 auto}
main{max-width:520px;margin:20px auto;padding:22px 20px;background:#fff;border:1px solid var(--line);
border-radius:10px}
.label{color:var(--soft);font-size:14px;display:block;margin-top:14px}.label:first-child{margin-top:0}
.number{font-size:18px;font-variant-numeric:tabular-nums;letter-spacing:.03em;overflow-wrap:anywhere}
input{width:100%;font-size:28px;letter-spacing:.4em;text-align:center;padding:10px;margin:6px 0 16px;
border:1px solid #aab4c2;border-radius:8px}
button{width:100%;font-size:18px;padding:13px;border:0;border-radius:8px;background:var(--blue);color:#fff}
input:focus,button:focus{outline:3px solid #9cc2f5;outline-offset:1px}
.problem{margin-top:14px;color:var(--red)}
.status{margin:18px 0;padding:16px;border-left:5px solid var(--blue);background:#eef4fc;border-radius:0 8px 8px 0}
h2{font-size:24px}
.steps{display:flex;list-style:none;padding:0;margin:6px 0 14px}
.steps li{flex:1;text-align:center;font-size:14px;color:var(--soft);border-top:4px solid var(--line);padding-top:6px}
.steps .done{border-color:var(--blue);color:var(--ink)}
.when,footer{color:var(--soft);font-size:14px}footer{max-width:520px;margin:0 auto;padding:0 20px 30px}
@media(max-width:560px){main{margin:0;border:0;border-radius:0}}
</style></head><body>
<header><h1>办件进度查询</h1></header><main>{content}</main>
<footer>本页只显示办理进度，不显示个人信息。查询码请勿告诉他人。</footer>
</body></html>
"""

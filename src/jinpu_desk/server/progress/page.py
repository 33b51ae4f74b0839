"""The public progress page as HTML: one file, no script, nothing fetched from anywhere, readable on any phone."""

from __future__ import annotations

import base64
import hashlib
import re
from html import escape

from jinpu_desk.domain.instants import local

from .steps import Reached, Standing, Step

_SHOWN = 40
"""Characters of whatever stands in the address that are shown again."""
_DATE = re.compile("[0-9]+年[0-9]+月[0-9]+日")
_REACHED = {Reached.DONE: "已完成", Reached.NOW: "当前", Reached.LATER: "尚未开始"}


def asking(case_no: str, problem: str = "") -> str:
    """Return the page that asks for the 查询码, with what was wrong the last time."""
    alert = f'<p class="problem" role="alert" id="problem">{escape(problem)}</p>' if problem else ""
    faulty = ' aria-invalid="true" aria-describedby="problem"' if problem else ""
    return _page(
        f'{_number(case_no)}<form method="post">'
        '<label for="code">查询码</label><p class="hint" id="hint">印在受理凭证上的 6 位数字</p>'
        f"{alert}"
        '<input id="code" name="code" inputmode="numeric" autocomplete="off" minlength="6" maxlength="6"'
        f' pattern="[0-9]{{6}}" title="6 位数字" required autofocus{faulty or " aria-describedby=hint"}>'
        "<button>查询进度</button></form>"
    )


def turned_away(case_no: str, minutes: int) -> str:
    """Return the page that says to come back later."""
    return _page(
        f'{_number(case_no)}<div class="state act" role="alert"><h2>请稍后再查</h2>'
        f"<p>查询次数过多，为保护您的信息，请 {minutes} 分钟后再试。急需了解进度请联系受理窗口。</p></div>"
    )


def showing(case_no: str, item: str, standing: Standing, changed_at: int) -> str:
    """Return the page that shows where a case stands."""
    changed = local(changed_at)
    duties = "".join(f'<p class="duty">{_text(each)}</p>' for each in standing.duties)
    due = f'<p class="due">承诺办结日 <b>{_text(standing.due)}</b></p>' if standing.due else ""
    steps = "".join(map(_step, standing.steps))
    return _page(
        f'<p class="label">事项</p><p class="item">{escape(item)}</p>{_number(case_no)}'
        f'<div class="state {standing.tone}"><h2>{escape(standing.headline)}</h2>'
        f"<p>{_text(standing.meaning)}</p>{duties}{due}</div>"
        f'<h3>办理过程</h3><ol class="steps">{steps}</ol>'
        f'<p class="when">更新于 {changed:%Y年%m月%d日 %H:%M}</p>'
    )


def _text(text: str) -> str:
    """Return text as HTML in which no date is torn apart at the end of a line."""
    return _DATE.sub(r'<span class="day">\g<0></span>', escape(text))


def _number(case_no: str) -> str:
    shown = case_no[:_SHOWN]
    groups = "".join(f"<span>{escape(shown[at : at + 4])}</span>" for at in range(0, len(shown), 4))
    return f'<p class="label">办件编号</p><p class="number">{groups}</p>'


def _step(step: Step) -> str:
    day = f"{step.on.year}年{step.on.month}月{step.on.day}日" if step.on else ""
    current = ' aria-current="step"' if step.reached is Reached.NOW else ""
    note = " · ".join(filter(None, (day, step.note)))
    return (
        f'<li class="{step.reached}"{current}><b>{escape(step.name)}</b>'
        f'<span class="hidden">（{_REACHED[step.reached]}）</span>'
        f"{f'<small>{escape(note)}</small>' if note else ''}</li>"
    )


def _page(content: str) -> str:
    return _FRAME.format(style=_STYLE, content=content)


_STYLE = """
:root{--ink:#17202b;--soft:#4d5967;--line:#ccd4de;--blue:#124f9e;--ground:#eef1f5;--act:#8a4b00;--good:#14673a;
--ended:#4d5967;color-scheme:light}
*{box-sizing:border-box;margin:0;padding:0}
body{font:18px/1.65 system-ui,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC","WenQuanYi Micro Hei",sans-serif;
color:var(--ink);background:var(--ground);-webkit-text-size-adjust:100%}
header{background:var(--blue);color:#fff;padding:18px 20px}
header p,main,footer{max-width:560px;margin:0 auto}
h1{font-size:22px;font-weight:600;max-width:560px;margin:0 auto}
header p{font-size:15px}
main{margin-top:24px;padding:26px 28px 28px;background:#fff;border:1px solid var(--line);border-radius:12px}
.label,label,h3{color:var(--soft);font-size:15px;font-weight:400;display:block}
.item{font-size:22px;font-weight:600;line-height:1.4;margin-bottom:12px}
.number{font-size:17px;font-variant-numeric:tabular-nums;display:flex;flex-wrap:wrap;gap:0 .35em;overflow-wrap:anywhere}
.day{white-space:nowrap}
form{margin-top:22px;padding-top:20px;border-top:1px solid var(--line)}
label{color:var(--ink);font-size:18px;font-weight:600}
.hint{color:var(--soft);font-size:16px}
input{display:block;width:100%;font:600 30px/1.3 ui-monospace,Consolas,monospace;letter-spacing:.35em;
text-indent:.35em;text-align:center;padding:12px 4px;margin:10px 0 16px;color:var(--ink);background:#fff;
border:2px solid #75808d;border-radius:10px}
input[aria-invalid]{border-color:#b3261e}
button{display:block;width:100%;min-height:56px;font:inherit;font-size:20px;font-weight:600;border:0;border-radius:10px;
background:var(--blue);color:#fff;cursor:pointer}
button:hover{background:#0d3f80}
:focus-visible{outline:3px solid #f0a000;outline-offset:2px}
.problem{margin-top:10px;padding:10px 14px;border-radius:8px;background:#fdecea;color:#8c1d18}
.state{margin:20px 0 22px;padding:16px 18px;border-left:6px solid var(--blue);border-radius:4px 10px 10px 4px;
background:#e9f1fb}
.state.act{border-color:#c26a00;background:#fff4e2}.state.act h2{color:var(--act)}
.state.good{border-color:var(--good);background:#e7f5ec}.state.good h2{color:var(--good)}
.state.ended{border-color:var(--ended);background:#eff1f4}
h2{font-size:27px;line-height:1.35;color:var(--blue)}.state.ended h2{color:var(--ink)}
.duty{margin-top:8px;font-weight:600}
.due{margin-top:10px;padding-top:10px;border-top:1px solid #0002}
.steps{list-style:none;margin:12px 0 6px}
.steps li{position:relative;padding:0 0 20px 38px;line-height:1.4}
.steps li:last-child{padding-bottom:8px}
.steps li:before{content:"";position:absolute;left:4px;top:4px;width:16px;height:16px;border-radius:50%;
border:3px solid var(--blue);background:var(--blue)}
.steps li:after{content:"";position:absolute;left:14px;top:26px;bottom:-4px;width:2px;background:var(--blue)}
.steps .now:before{background:#fff}.steps .now:after,.steps .later:after{background:var(--line)}
.steps .later:before{background:#fff;border-color:#98a3b0}.steps li:last-child:after{display:none}
.steps b{font-weight:600}.steps .later b{font-weight:400;color:var(--soft)}
.steps small{display:block;font-size:16px;color:var(--soft)}
.when,footer{color:var(--soft);font-size:15px}
footer{padding:16px 28px 36px}
.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
@media(min-width:500px){.number{font-size:19px;gap:0 .45em}}
@media(max-width:600px){main{margin:0;padding:20px;border-width:0 0 1px;border-radius:0}footer{padding:14px 20px 32px}}
@media print{header,main{background:none;color:#000;border:0}button,form{display:none}}
"""
_DIGEST = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
CONTENT_POLICY = f"default-src 'none'; style-src 'sha256-{_DIGEST}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
"""Nothing is loaded and nothing runs; the style is known by its hash."""
_FRAME = """<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="robots" content="noindex,nofollow"><meta name="format-detection" content="telephone=no">
<title>办件进度查询</title>
<style>{style}</style></head><body>
<header><h1>办件进度查询</h1><p>金普新区政务服务</p></header><main>{content}</main>
<footer>本页只显示办理进度，不显示个人信息。查询码请勿告诉他人。</footer>
</body></html>
"""

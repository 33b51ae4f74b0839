"""``jinpu-desk``: the window, and every verb of it without a display (CONTRACT)."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import platformdirs

from jinpu_desk.domain.errors import DeskError

from . import speech
from .parts import Parts, load_parts

Answer = dict[str, Any] | int | None
Command = Callable[[Parts, argparse.Namespace], Answer]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; a bug raises and leaves 1."""
    sentences = speech.without_resources()
    arguments = argparse.Namespace()
    speech.in_utf8()
    try:
        parts = load_parts()
        sentences = parts.sentences
        _parser().parse_args(argv, arguments)
        run: Command = arguments.run
        answer = run(parts, arguments)
        if isinstance(answer, int):
            return answer
        if answer is not None:
            speech.say(answer)
    except DeskError as error:
        error.where = error.where or speech.subject(arguments)
        return speech.complain(error, sentences)
    return speech.DONE


def _home() -> Path:
    named = os.environ.get("JINPU_DESK_HOME")
    return Path(named) if named else Path(platformdirs.user_data_dir("jinpu-desk", appauthor=False))


def _parser() -> speech.Parser:
    parser = speech.Parser(prog="jinpu-desk", description="金普窗口通：窗口收件、受理、打印、同步。")
    parser.add_argument("--home", type=Path, default=_home(), help="本机数据目录")
    parser.add_argument("--clerk", default="", help="登录名（缺省为启用本机的窗口人员）")
    parser.set_defaults(run=_window)
    commands = parser.add_subparsers(metavar="COMMAND", parser_class=speech.Parser)

    def command(name: str, run: Command, text: str, inside: Any = commands) -> argparse.ArgumentParser:
        found: argparse.ArgumentParser = inside.add_parser(name, help=text, description=text)
        found.set_defaults(run=run)
        return found

    demo = command("demo", _late("demo", "run_demo"), "演示：起一个中心和两台终端")
    demo.add_argument("--headless", action="store_true", help="不开窗口，跑完打印结果")
    demo.add_argument("--out", type=Path, default=None, metavar="DIR", help="文书输出目录")
    demo.add_argument("--keep", action="store_true", help="结束后保留数据目录")

    setup = command("setup", _late("commands.setup", "run_setup"), "启用本机")
    setup.add_argument("--server", required=True, metavar="URL")
    setup.add_argument("--code", required=True, metavar="CODE")
    setup.add_argument("--clerk", required=True, metavar="NAME")
    setup.add_argument(
        "--ca", type=Path, default=None, metavar="FILE", help="只信任这个 PEM 文件里的证书机构"
    )
    setup.add_argument("--window", default="综合窗口", metavar="NAME", help="窗口名称，印在文书上")

    centre = command("centre", _late("commands.setup", "run_centre"), "中心换了地址或证书")
    centre.add_argument("--server", required=True, metavar="URL")
    centre.add_argument(
        "--ca", type=Path, default=None, metavar="FILE", help="只信任这个 PEM 文件里的证书机构"
    )

    intake = command("intake", _late("commands.casework", "run_intake"), "收件")
    source = intake.add_mutually_exclusive_group(required=True)
    source.add_argument("file", nargs="?", type=Path, metavar="FILE.json")
    source.add_argument("--batch", type=Path, metavar="FILE.jsonl")
    intake.add_argument("--out", type=Path, default=None, metavar="DIR")
    intake.add_argument("--no-documents", action="store_true")

    act = command("act", _late("commands.casework", "run_act"), "后续动作")
    act.add_argument("case_no", metavar="CASE_NO")
    act.add_argument("verb", metavar="VERB")
    act.add_argument("--data", default="{}", metavar="JSON")
    act.add_argument("--out", type=Path, default=None, metavar="DIR")

    show = command("show", _late("commands.casework", "run_show"), "看一个办件")
    show.add_argument("case_no", metavar="CASE_NO")
    find = command("find", _late("commands.casework", "run_find"), "查找")
    find.add_argument("text", metavar="TEXT")
    find.add_argument("--limit", type=int, default=20)
    listing = command("list", _late("commands.casework", "run_list"), "列表")
    listing.add_argument("--status", type=int, default=None, metavar="N")
    listing.add_argument("--flag", default=None, metavar="F")
    listing.add_argument("--limit", type=int, default=1000)

    attach = command("attach", _late("commands.archive", "run_attach"), "给已收的办件添加扫描件")
    attach.add_argument("case_no", metavar="CASE_NO")
    attach.add_argument("material", metavar="MATERIAL", help="材料代号；空字符串表示归入办件")
    attach.add_argument("files", nargs="+", type=Path, metavar="FILE")
    applicant = command("applicant", _late("commands.archive", "run_applicant"), "申请人档案")
    applicant.add_argument("case_no", metavar="CASE_NO")
    applicant.add_argument("--reveal", action="store_true", help="不遮盖个人信息；会记入日志")
    held = command("licences", _late("commands.archive", "run_licences"), "查申请人的电子证照")
    held.add_argument("case_no", metavar="CASE_NO")

    printing = command("print", _late("commands.print", "run_print"), "出具或补打文书")
    printing.add_argument("case_no", metavar="CASE_NO")
    printing.add_argument("kind", metavar="KIND")
    printing.add_argument("--form", default=None, metavar="FORM")
    printing.add_argument("--out", type=Path, default=None, metavar="DIR")
    printing.add_argument("--reason", default="", metavar="TEXT")

    _movement(command)
    receipt = command("check-receipt", _late("commands.receipt", "run_check_receipt"), "离线核验文书")
    receipt.add_argument("what", metavar="FILE.pdf|FILE.png|TEXT")
    command("sync", _late("commands.casework", "run_sync"), "同步一次")
    _house(command, commands)
    command("status", _late("commands.casework", "run_status"), "同步状态")
    command("verify", _late("commands.casework", "run_verify"), "核验本机数据")

    deadline = command("deadline", _late("commands.free", "run_deadline"), "算期限")
    deadline.add_argument("--from", dest="start", required=True, metavar="DATE")
    deadline.add_argument("--days", type=int, required=True, metavar="N")
    deadline.add_argument("--pause", action="append", metavar="START:END")
    code = command("check-code", _late("commands.free", "run_check_code"), "校验号码")
    code.add_argument("value", metavar="VALUE")

    report = command("report", _late("commands.report", "run_report"), "报表")
    report.add_argument("name", metavar="NAME")
    report.add_argument("--from", dest="first", default=None, metavar="D", help="开始日期")
    report.add_argument("--to", dest="last", default=None, metavar="D", help="结束日期")
    report.add_argument("--format", default="json", metavar="json|csv|xlsx|pdf")
    report.add_argument("--out", type=Path, default=None, metavar="FILE")
    report.add_argument("--fixture", default=None, metavar="seed-2020", help="按演示数据集统计")
    report.add_argument("--reveal", action="store_true", help="不遮盖个人信息；会记入日志")

    imported = command("import-catalogue", _late("commands.casework", "run_import_catalogue"), "导入事项目录")
    imported.add_argument("dir", type=Path, metavar="DIR")
    year = command("import-calendar", _late("commands.calendar", "run_import_calendar"), "导入一年的日历")
    year.add_argument("file", type=Path, metavar="FILE.json")
    catalogue = commands.add_parser("catalogue", help="事项目录").add_subparsers(
        metavar="COMMAND", required=True, parser_class=speech.Parser
    )
    checked = command("check", _late("commands.catalogue", "run_catalogue_check"), "检查事项目录", catalogue)
    checked.add_argument("dir", type=Path, metavar="DIR")
    compared = command(
        "diff", _late("commands.catalogue", "run_catalogue_diff"), "比较两版事项目录", catalogue
    )
    compared.add_argument("old", type=Path, metavar="OLD_DIR")
    compared.add_argument("new", type=Path, metavar="NEW_DIR")
    return parser


def _movement(command: Callable[[str, Command, str], argparse.ArgumentParser]) -> None:
    """Add the commands about papers and people moving."""
    on = command("hand-on", _late("commands.duty", "run_hand_on"), "材料流转：做流转单")
    on.add_argument("--to", required=True, metavar="DEPT", help="部门代码或名称；window 退回窗口")
    on.add_argument("case_no", nargs="+", metavar="CASE_NO")
    on.add_argument("--note", default="", metavar="TEXT")
    over = command("take-over", _late("commands.duty", "run_take_over"), "签收流转单")
    over.add_argument("slip", metavar="SLIP")
    over.add_argument("case_no", nargs="*", metavar="CASE_NO")
    over.add_argument("--receiver", default="", metavar="NAME", help="在纸单上签字的人（缺省为本人）")
    otherwise = over.add_mutually_exclusive_group()
    otherwise.add_argument("--refuse", default="", metavar="REASON", help="不签收所列办件，写明原因")
    otherwise.add_argument("--back", action="store_true", help="移交方收回没签收的材料")
    shift = command("shift", _late("commands.duty", "run_shift"), "交接班")
    shift.add_argument("--to", required=True, metavar="CLERK", help="接班人，须输入本人密码")
    day = command("day-end", _late("commands.duty", "run_day_end"), "日结")
    day.add_argument("--reason", default="", metavar="TEXT", help="留到以后的理由；再次日结时为更正的理由")
    day.add_argument("--explain", action="append", metavar="MATTER=TEXT", help="某一项的理由")
    for sheet in (shift, day):
        sheet.add_argument("--stock", action="append", metavar="KEY=N", help="清点到的数量")
        sheet.add_argument("--note", default="", metavar="TEXT")
    for printed in (on, shift, day):
        printed.add_argument("--out", type=Path, default=None, metavar="DIR")


def _house(command: Callable[..., argparse.ArgumentParser], commands: Any) -> None:
    """Add the commands about carrying and keeping what the desk holds."""
    bundle = commands.add_parser("bundle", help="用 U 盘与中心交换").add_subparsers(
        metavar="COMMAND", required=True, parser_class=speech.Parser
    )
    out = command("export", _late("commands.bundle", "run_export"), "把待传内容写成文件", bundle)
    out.add_argument("file", type=Path, metavar="FILE")
    out.add_argument("--limit", type=int, default=None, metavar="MIB", help="单个文件的大小上限")
    taken = command(
        "import", _late("commands.bundle", "run_import"), "导入中心的回执，或代别的终端转交", bundle
    )
    taken.add_argument("file", type=Path, metavar="FILE")
    taken.add_argument("--out", type=Path, default=None, metavar="ACK", help="代交时回执写到哪里")
    saved = command("backup", _late("commands.house", "run_backup"), "备份本机")
    saved.add_argument("file", type=Path, metavar="FILE")
    brought = command("restore", _late("commands.house", "run_restore"), "把备份恢复到空的数据目录")
    brought.add_argument("file", type=Path, metavar="FILE")
    counted = command("reconcile", _late("commands.house", "run_reconcile"), "与中心对账")
    counted.add_argument("--day", default=None, metavar="DATE", help="哪一天（缺省为今天）")
    counted.add_argument("--out", type=Path, default=None, metavar="DIR")
    prune = command("prune", _late("commands.house", "run_prune"), "清理中心已备份的办结件")
    prune.add_argument(
        "--before", default=None, metavar="DATE", help="在这一天之前结束的（缺省按设置的天数）"
    )
    prune.add_argument("--dry-run", action="store_true", help="只数，不清理")


def _late(module: str, function: str) -> Command:
    """Return the command ``function`` of a module of this room, imported when it is run.

    One command needs Qt, another the server, a third neither store nor PDF: each loads its own and starts at once.
    """

    def run(parts: Parts, arguments: argparse.Namespace) -> Answer:
        found: Command = getattr(importlib.import_module(f".{module}", __package__), function)
        return found(parts, arguments)

    return run


def _window(parts: Parts, arguments: argparse.Namespace) -> Answer:
    """No command: the window. Imported here, because only it needs Qt."""
    from .window.start import run_window

    return run_window(parts, arguments.home)


if __name__ == "__main__":
    sys.exit(main())

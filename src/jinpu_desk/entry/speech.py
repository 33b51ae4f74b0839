"""How every headless command speaks: one JSON object on stdout, one error line on stderr, an exit code (CONTRACT)."""

from __future__ import annotations

import argparse
import getpass
import io
import json
import os
import re
import sys
from typing import Any, NoReturn, TextIO

from jinpu_desk.app.sentences import Sentences
from jinpu_desk.domain.errors import DeskError, Refused, Unavailable

DONE, BUG, REFUSED, UNAVAILABLE = 0, 1, 2, 3
PASSWORD = "JINPU_PASSWORD"  # noqa: S105  (the variable's name, not a password)


_USAGE = {
    r"argument COMMAND: invalid choice: '(?P<word>.*?)' \(.*": "cli.unknown-command",
    r"argument (?P<argument>.+): invalid choice: '(?P<word>.*?)' \(.*": "cli.unknown-choice",
    r"the following arguments are required: (?P<argument>.+)": "cli.argument-missing",
    r"one of the arguments (?P<argument>.+) is required": "cli.argument-either",
    r"argument (?P<argument>.+): not allowed with argument (?P<word>.+)": "cli.argument-together",
    r"argument (?P<argument>.+): invalid .+ value: '(?P<word>.*)'": "cli.argument-value",
    r"argument (?P<argument>.+): expected .+": "cli.argument-empty",
    r"unrecognized arguments: (?P<argument>.+)": "cli.argument-unknown",
}
"""What argparse says, and what a clerk is told instead."""


_SUBJECTS = ("file", "batch", "dir", "case_no", "slip", "what", "value", "server", "start")
"""Arguments that say what a command is about, and so where to look when an error does not."""
_LONGEST_SUBJECT = 120
_NO_RESOURCES = """["resources.missing"]
text = "找不到程序自带的资源目录。"
hint = "重新安装，或用 {where} 指定它。"
"""


class Parser(argparse.ArgumentParser):
    """Says what is wrong with a command line as a refusal in Chinese, like everything else."""

    def error(self, message: str) -> NoReturn:
        """Raise Refused: ``cli.unknown-command``, ``cli.argument-…``, or ``cli.usage`` for what has no sentence."""
        for pattern, code in _USAGE.items():
            found = re.fullmatch(pattern, message, re.DOTALL)
            if found:
                raise Refused(code, self.prog, **found.groupdict())
        raise Refused("cli.usage", self.prog)


def without_resources() -> Sentences:
    """Return the one sentence needed when the folder with all the others is not there."""
    return Sentences({"missing.toml": _NO_RESOURCES.encode()})


def subject(arguments: argparse.Namespace) -> str:
    """Return what a command is about, as it was written; nothing for a command about the whole desk or centre."""
    given = (getattr(arguments, name, None) for name in _SUBJECTS)
    return next((str(each)[:_LONGEST_SUBJECT] for each in given if isinstance(each, str | os.PathLike)), "")


def in_utf8() -> None:
    """Let both outputs be UTF-8: a console's old code page has not every name, and JSON is UTF-8 (RFC 8259 §8.1)."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def say(value: Any) -> None:
    """Print one JSON value on one line.

    Raises Unavailable ``cli.unsaid`` when it cannot be written, to a file on a full disk for example.
    """
    try:
        print(json.dumps(value, ensure_ascii=False, default=str), flush=True)
    except BrokenPipeError:
        # Whoever read has seen enough; what was done is done. Nothing more goes to a pipe nobody holds.
        _silence(sys.stdout)
    except OSError as error:
        _silence(sys.stdout)
        raise Unavailable("cli.unsaid", problem=error.strerror or "") from error


def _silence(stream: TextIO) -> None:
    """Let what is still in the stream go nowhere: Python would try once more at the end, and fail as a bug."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def error_line(error: DeskError, sentences: Sentences) -> dict[str, Any]:
    """Return the error object of CONTRACT.md."""
    text, _hint = sentences.of(error)
    return {"error": {"code": error.code, "message": text, "where": error.where}}


def complain(error: DeskError, sentences: Sentences) -> int:
    """Print the error line and return the exit code."""
    try:
        print(json.dumps(error_line(error, sentences), ensure_ascii=False), file=sys.stderr, flush=True)
    except OSError:
        _silence(sys.stderr)  # the exit code is all that can still be said
    return REFUSED if isinstance(error, Refused) else UNAVAILABLE


def password(prompt: str) -> str:
    """Return the password from ``JINPU_PASSWORD`` or a prompt.

    Raises:
        Unavailable: ``cli.no-password`` when there is neither.
    """
    given = os.environ.get(PASSWORD)
    if given is not None:
        return given
    if not sys.stdin.isatty():
        raise Unavailable("cli.no-password", PASSWORD)
    return getpass.getpass(prompt)

"""An answer that cannot be written is a fault of where it should go, told as one."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path


def test_an_answer_that_cannot_be_written_is_told() -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "jinpu_desk.entry.desk",
                "deadline",
                "--from",
                "2026-09-18",
                "--days",
                "1",
            ],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 3, done.stderr
    assert json.loads(done.stderr)["error"]["code"] == "cli.unsaid"

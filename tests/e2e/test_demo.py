"""``jinpu-desk demo --headless``: what a newcomer sees first, and what it says is so."""

from __future__ import annotations

import json
import os
import subprocess
from collections import Counter
from hashlib import sha256
from pathlib import Path
from typing import Any

from jinpu_desk.entry import demo_cases
from samples.programs import DESK


def run_demo(out: Path, stage: Path) -> dict[str, Any]:
    """Run the demonstration with its folders under ``stage``."""
    done = subprocess.run(
        [*DESK, "demo", "--headless", "--out", str(out)],
        env=os.environ | {"TMPDIR": str(stage)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
    (line,) = done.stdout.splitlines()
    return dict(json.loads(line))


def running_in(folder: Path) -> list[str]:
    """Return the command lines of processes that were started on a folder."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if any(str(folder).encode() in word for word in words):
            found.append(b" ".join(words).decode(errors="replace"))
    return found


def test_the_demonstration_keeps_its_word_and_cleans_up(tmp_path: Path) -> None:
    stage = tmp_path / "temporary"
    stage.mkdir()
    told = run_demo(tmp_path / "out", stage)
    keys = ["cases", "documents", "offline_cases", "synced", "second_desk_cases", "pending", "chains_ok"]
    assert list(told) == keys
    assert told["cases"] >= 12
    assert told["offline_cases"] >= 4
    assert (told["synced"], told["chains_ok"], told["pending"]) == (True, True, 0)
    assert told["second_desk_cases"] == told["cases"]
    check_papers(told["documents"])
    assert list(stage.iterdir()) == []
    assert running_in(stage) == []


def test_it_shows_five_items_and_a_package() -> None:
    files = [*demo_cases.ONLINE.values(), *demo_cases.OFFLINE.values()]
    assert len({file["item"] for file in files if "item" in file}) >= 5
    assert len({file["package"] for file in files if "package" in file}) >= 1
    assert len(demo_cases.OFFLINE) >= 4


def check_papers(papers: list[dict[str, Any]]) -> None:
    """Look at every document the demonstration names."""
    assert {paper["kind"] for paper in papers} >= {"D1", "D2", "D3", "D5", "D7"}
    for paper in papers:
        data = Path(paper["path"]).read_bytes()
        assert data.startswith(b"%PDF")
        assert paper["checked"] is True
        assert paper["pages"] >= 1
        assert len(paper["case_no"]) == 24
        # The file is sealed by an addition: the bytes as issued are its beginning.
        assert any(sha256(data[:end]).hexdigest() == paper["sha256"] for end in ends(data))
    numbered = Counter(paper["doc_no"] for paper in papers if paper["doc_no"])
    assert max(numbered.values()) == 1


def ends(data: bytes) -> list[int]:
    """Return where the revisions of a PDF end."""
    mark, at, found = b"%%EOF", 0, []
    while (at := data.find(mark, at)) >= 0:
        at += len(mark)
        found += [at, at + 1]
    return found

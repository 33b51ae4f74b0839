"""Every code a device can raise has its sentence, and no sentence is left without a code."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_codes_and_sentences_match() -> None:
    source = "".join(
        file.read_text("utf-8") for file in (ROOT / "src" / "jinpu_desk" / "devices").glob("*.py")
    )
    raised = set(re.findall(r'"(device\.[a-z-]+\.[a-z-]+)"', source))
    messages = tomllib.loads((ROOT / "resources" / "messages" / "devices.toml").read_text("utf-8"))
    assert raised == set(messages)
    assert all(entry.keys() == {"text", "hint"} for entry in messages.values())

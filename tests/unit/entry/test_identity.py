"""A damaged token is told of, whatever the bytes."""

from __future__ import annotations

from pathlib import Path

import pytest

from jinpu_desk.domain.errors import Unavailable
from jinpu_desk.entry.home.identity import load_token, save_token
from samples.stores import KEY


def test_a_token_with_any_byte_damaged_is_told(tmp_path: Path) -> None:
    path = tmp_path / "token.sealed"
    save_token(path, KEY, "演示-token")
    raw = path.read_bytes()
    assert load_token(path, KEY) == "演示-token"
    for at in range(len(raw)):
        for bit in (0x01, 0x80):  # another letter, and no letter at all
            path.write_bytes(raw[:at] + bytes([raw[at] ^ bit]) + raw[at + 1 :])
            with pytest.raises(Unavailable, match=r"home\.replica"):
                load_token(path, KEY)

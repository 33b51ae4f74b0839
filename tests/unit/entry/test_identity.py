"""A damaged token is told of, whatever the bytes; a desk goes on where it reached its centre."""

from __future__ import annotations

from pathlib import Path

import pytest

from jinpu_desk.domain.errors import Unavailable
from jinpu_desk.entry.home.identity import load_token, reached_at, save_token
from samples.stores import KEY, replica


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


def test_a_proxy_that_hides_the_port_misleads_nobody() -> None:
    told = replica(server_url="https://jinpu.invalid", progress_url="https://jinpu.invalid")
    kept = reached_at(told, "https://jinpu.invalid:8443/")
    assert (kept.server_url, kept.progress_url) == ("https://jinpu.invalid:8443",) * 2


def test_an_address_for_the_public_is_left_as_the_centre_says() -> None:
    told = replica(server_url="http://10.0.0.1", progress_url="https://jinpu.example.invalid")
    kept = reached_at(told, "https://jinpu.inside.invalid")
    assert kept.server_url == "https://jinpu.inside.invalid"
    assert kept.progress_url == "https://jinpu.example.invalid"

"""Files for the stick open for their reader and for nobody else, whole or not at all."""

from __future__ import annotations

import io

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from jinpu_desk.domain.errors import Refused
from jinpu_desk.sync import bundle_cipher as c

SECRET = bytes(range(32))


def written(*parts: bytes, secret: bytes = SECRET) -> bytes:
    file = io.BytesIO()
    out = c.SealedWriter(file, c.envelope_for(secret, "answer", "演示"), secret)
    for part in parts:
        out.write(part)
    size = out.size
    out.finish()
    assert size == len(file.getvalue())
    return file.getvalue()


def opened(data: bytes, secret: bytes = SECRET) -> c.SealedReader:
    file = io.BytesIO(data)
    _envelope, head = c.read_envelope(file)
    return c.SealedReader(file, head, secret)


def read_whole(data: bytes, size: int) -> None:
    """Read ``size`` bytes and find the end there."""
    reader = opened(data)
    reader.read(size)
    assert reader.at_end()


@given(st.lists(st.integers(0, 40), max_size=8), st.data())
def test_what_was_written_is_read_in_any_pieces(sizes: list[int], data: st.DataObject) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(c, "PIECE", 16)
        plain = [bytes([n % 251]) * size for n, size in enumerate(sizes)]
        whole, reader = b"".join(plain), opened(written(*plain))
        found = b""
        while len(found) < len(whole):
            assert not reader.at_end()
            found += reader.read(data.draw(st.integers(1, len(whole) - len(found))))
        assert found == whole
        assert reader.at_end()
        with pytest.raises(Refused, match=r"bundle\.damaged"):
            reader.read(1)


@given(st.integers(0, 70), st.data())
def test_nothing_altered_cut_or_added_is_read(size: int, data: st.DataObject) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(c, "PIECE", 16)
        good = written(b"x" * size)
        how = data.draw(st.sampled_from(["flip", "cut", "add"]))
        if how == "flip":
            place = data.draw(st.integers(0, len(good) - 1))
            bad = (
                good[:place] + bytes([good[place] ^ (1 << data.draw(st.integers(0, 7)))]) + good[place + 1 :]
            )
        elif how == "cut":
            bad = good[: data.draw(st.integers(0, len(good) - 1))]
        else:
            bad = good + data.draw(st.binary(min_size=1, max_size=40))
        with pytest.raises(Refused, match=r"bundle\."):
            read_whole(bad, size)


def test_pieces_cannot_be_dropped_or_swapped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(c, "PIECE", 16)
    good = written(bytes(range(64)))
    start = len(good) - 4 * 32
    pieces = [good[start + n * 32 : start + (n + 1) * 32] for n in range(4)]
    for order in ([0, 1, 3], [1, 0, 2, 3], [0, 1, 2, 2, 3], [0, 1, 2]):
        with pytest.raises(Refused, match=r"bundle\.damaged"):
            read_whole(good[:start] + b"".join(pieces[n] for n in order), 16 * len(order))


def test_the_holder_of_the_key_pair_alone_finds_the_secret() -> None:
    key, other = X25519PrivateKey.generate(), X25519PrivateKey.generate()
    envelope, secret = c.envelope_to(key.public_key().public_bytes_raw(), "bundle", "演示")
    assert c.opened_by(key.private_bytes_raw(), envelope) == secret
    with pytest.raises(Refused, match=r"bundle\.damaged"):
        c.opened_by(other.private_bytes_raw(), envelope)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "bundle.not-ours"),
        (b"PK\x03\x04" + bytes(60), "bundle.not-ours"),
        (c.MAGIC, "bundle.damaged"),
        (c.MAGIC + b"\xff\xff\xff\xff" + bytes(60), "bundle.damaged"),
        (c.MAGIC + b"\x00\x00\x00\x05" + b"\x81\xa1v", "bundle.damaged"),
        (c.MAGIC + b"\x00\x00\x00\x01\xc1", "bundle.damaged"),
        (c.MAGIC + b"\x00\x00\x00\x0a\x81\xa7version\x09", "bundle.newer"),
    ],
)
def test_other_files_are_told_apart(data: bytes, code: str) -> None:
    with pytest.raises(Refused) as refused:
        c.read_envelope(io.BytesIO(data))
    assert refused.value.code == code

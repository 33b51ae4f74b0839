"""A card comes over whole or not at all, and nothing of it can end up in a log."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import msgspec
import pytest

from jinpu_desk.app.ports.devices import CardSource, IdCard, IdReader
from jinpu_desk.devices.id_reader import BridgeAnswer, BridgeCard, BridgeIdReader
from jinpu_desk.devices.id_simulator import IdReaderSimulator
from jinpu_desk.domain.errors import Unavailable

CARD = BridgeCard(
    name="王䶮𫖯",
    sex="女",
    ethnicity="满",
    birth=date(1990, 3, 7),
    address="演示路 1 号",
    number="210213199003070016",
    issuer="演示公安局",
    valid_from=date(2020, 1, 1),
    valid_to=None,
    portrait=b"\xff\xd8\xff demo",
)


@contextmanager
def bridge(*answers: BridgeAnswer | bytes) -> Iterator[IdReader]:
    with IdReaderSimulator(answers) as simulator:
        thread = threading.Thread(target=simulator.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield BridgeIdReader(simulator.port)
        simulator.shutdown()
        thread.join()


def _code(*answers: BridgeAnswer | bytes) -> str:
    with bridge(*answers) as reader, pytest.raises(Unavailable) as caught:
        reader.read()
    return caught.value.code


def test_a_card_is_read_whole_and_marked_as_read() -> None:
    with bridge(BridgeAnswer(CARD)) as reader:
        card = reader.read()
    assert card == IdCard(**msgspec.structs.asdict(CARD), source=CardSource.READER)
    assert str(CardSource.READER) == "读卡"


def test_cards_come_one_a_reading() -> None:
    with bridge(BridgeAnswer(), BridgeAnswer(CARD)) as reader:
        assert reader.read() is None
        assert reader.read() is not None
        assert reader.read() is None


def test_what_the_protocol_does_not_name_is_dropped() -> None:
    raw = json.loads(msgspec.json.encode(BridgeAnswer(CARD)))
    raw["card"]["fingerprint"] = "AAAA"
    with bridge(json.dumps(raw).encode() + b"\n") as reader:
        card = reader.read()
    assert card is not None
    assert not hasattr(card, "fingerprint")


def test_a_card_tells_nothing_when_it_is_logged() -> None:
    card = IdCard(**msgspec.structs.asdict(CARD))
    text = f"{card!r} {card} {[card]}"
    assert not any(secret in text for secret in (card.name, card.number, card.address, "1990"))


@pytest.mark.parametrize(
    "answer",
    [
        b"not json\n",
        b'{"card": {"name": "x"}}\n',
        b'{"card": 7}\n',
        b'{"card": "' + b"x" * 600_000 + b'"}\n',
        b"\xff\n",
        msgspec.json.encode(BridgeAnswer(CARD))[:-9],
    ],
)
def test_a_bridge_that_answers_nonsense_is_said_to(answer: bytes) -> None:
    assert _code(answer) == "device.id-reader.bad-answer"


def test_nonsense_about_a_person_is_not_quoted() -> None:
    with bridge(b'{"card": {"name": "x", "sex": 7}}\n') as reader, pytest.raises(Unavailable) as caught:
        reader.read()
    assert caught.value.__cause__ is None
    assert caught.value.params == {}


def test_what_the_vendor_says_reaches_the_clerk() -> None:
    with bridge(BridgeAnswer(error="卡片未放好")) as reader, pytest.raises(Unavailable) as caught:
        reader.read()
    assert (caught.value.code, caught.value.params) == ("device.id-reader.failed", {"reason": "卡片未放好"})


def test_a_bridge_that_hangs_up_or_is_not_there_is_not_connected() -> None:
    assert _code(b"") == "device.id-reader.not-connected"
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(Unavailable) as caught:
        BridgeIdReader(port).read()
    assert caught.value.code == "device.id-reader.not-connected"


def test_the_simulator_runs_as_a_program_of_its_own(tmp_path: Path) -> None:
    cards = tmp_path / "cards.json"
    cards.write_bytes(msgspec.json.encode([BridgeAnswer(CARD)]))
    command = [sys.executable, "-m", "jinpu_desk.devices.id_simulator", str(cards)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as simulator:
        assert simulator.stdout is not None
        card = BridgeIdReader(int(simulator.stdout.readline())).read()
        simulator.terminate()
    assert card is not None
    assert card.name == "王䶮𫖯"

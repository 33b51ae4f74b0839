"""One documents room, one window's key and the golden facts, for all tests of the room."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from jinpu_desk.app.papers import PaperFacts, RenderedPaper, Trust, TrustedReplica
from jinpu_desk.documents.seal import make_certificate
from jinpu_desk.documents.shop import Documents
from jinpu_desk.domain.ids import ReplicaId

ROOT = Path(__file__).parents[3]
GOLDEN = ROOT / "tests" / "golden" / "documents"
SEALED_AT = datetime(2026, 11, 23, 6, 6, tzinfo=UTC)


class WindowKey:
    """A window's signer with a fixed key."""

    def __init__(self, replica: str, seed: int) -> None:
        self.replica = ReplicaId(replica)
        self._key = Ed25519PrivateKey.from_private_bytes(bytes(range(seed, seed + 32)))
        since, until = datetime(2026, 1, 1, tzinfo=UTC), datetime(2046, 1, 1, tzinfo=UTC)
        self.certificate = make_certificate(self._key, self.replica, since, until)

    def sign(self, message: bytes) -> bytes:
        return self._key.sign(message)

    def trusted(self) -> TrustedReplica:
        return TrustedReplica(self._key.public_key().public_bytes_raw(), self.certificate)


@pytest.fixture(scope="session")
def resources() -> Path:
    return ROOT / "resources"


@pytest.fixture(scope="session")
def documents(resources: Path) -> Documents:
    return Documents(resources)


@pytest.fixture(scope="session")
def signer() -> WindowKey:
    return WindowKey("0193f3a0-0000-7000-8000-000000000001", 0)


@pytest.fixture(scope="session")
def stranger(signer: WindowKey) -> WindowKey:
    """Another key that claims to be the same window."""
    return WindowKey(signer.replica, 1)


@pytest.fixture(scope="session")
def second() -> WindowKey:
    """Another window."""
    return WindowKey("0193f3a0-0000-7000-8000-000000000002", 2)


@pytest.fixture(scope="session")
def trust(signer: WindowKey) -> Trust:
    return {signer.replica: signer.trusted()}


def read_facts(name: str) -> PaperFacts:
    return msgspec.json.decode((GOLDEN / f"{name}.facts.json").read_bytes(), type=PaperFacts)


@pytest.fixture(scope="session")
def facts() -> Callable[[str], PaperFacts]:
    """Read golden facts by name."""
    return read_facts


@pytest.fixture(scope="session")
def receipt(documents: Documents, signer: WindowKey) -> RenderedPaper:
    return documents.render(read_facts("d1-licence"), signer)


@pytest.fixture(scope="session")
def sealed(documents: Documents, signer: WindowKey, receipt: RenderedPaper) -> bytes:
    return documents.seal(receipt.data, signer, SEALED_AT)


SAMPLES = tuple(sorted(p.name.split(".")[0] for p in GOLDEN.glob("*.facts.json")))


@pytest.fixture(scope="session")
def samples() -> tuple[str, ...]:
    """Name every golden sample."""
    return SAMPLES


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that takes ``sample`` on every golden sample."""
    if "sample" in metafunc.fixturenames:
        metafunc.parametrize("sample", SAMPLES)

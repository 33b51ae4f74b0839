"""What a running centre is made of; the composition root joins it and passes it in."""

from __future__ import annotations

import msgspec
from sqlalchemy.engine import Engine

from jinpu_desk.app.ports import Clock
from jinpu_desk.app.sentences import Sentences
from jinpu_desk.domain.ids import Entropy
from jinpu_desk.domain.instants import millis
from jinpu_desk.store.centre.log import SqlLedger
from jinpu_desk.store.centre.registry import CentreRow

from .contacts import Contacts
from .files.blobs import BlobStore
from .files.snapshot_shelf import SnapshotShelf
from .keys import CentreKey
from .marks import Marker
from .settings import CentreSettings


class Centre(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the handlers need."""

    engine: Engine
    key: CentreKey
    row: CentreRow
    clock: Clock
    entropy: Entropy
    blobs: BlobStore
    settings: CentreSettings
    sentences: Sentences
    snapshots: SnapshotShelf | None = None
    contacts: Contacts = msgspec.field(default_factory=Contacts)
    marker: Marker | None = None

    @property
    def ledger(self) -> SqlLedger:
        """The log of events."""
        return SqlLedger(self.engine)

    def now(self) -> int:
        """Return the instant now in UTC ms."""
        return millis(self.clock.now())

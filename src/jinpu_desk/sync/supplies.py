"""What a desk fetches to work on its own: grants, number blocks, reference data (DESIGN §4-§6)."""

from __future__ import annotations

import msgspec

from jinpu_desk.app.ports import ReferenceShelf
from jinpu_desk.app.ports.entering import Grant, KeyRing
from jinpu_desk.app.ports.sync import SyncStore
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.ids import ReplicaId

from .centre import Supplier
from .pull import signed
from .wire import LeaseRequest, TrustDirectory, reference_digest

TRUST = "trust"


class Supplies:
    """The supplies of one desk. Everything is checked against the centre's key before it is kept."""

    def __init__(
        self,
        *,
        centre: Supplier,
        centre_key: bytes,
        store: SyncStore,
        shelf: ReferenceShelf,
        ring: KeyRing,
        replica: ReplicaId,
    ) -> None:
        """Join the parts; nothing is asked yet."""
        self._centre = centre
        self._key = centre_key
        self._store = store
        self._shelf = shelf
        self._ring = ring
        self._replica = replica

    def renew_grants(self) -> None:
        """Renew the grants of clerks with a slot here, and take the slots of revoked ones away."""
        answer = self._centre.grants()
        here = set(self._ring.clerks())
        for clerk in answer.revoked:
            if clerk in here:
                self._ring.remove(clerk)
        for grant in answer.grants:
            if grant.clerk.id in here and self._genuine(grant):
                self._ring.renew(grant)

    def _genuine(self, grant: Grant) -> bool:
        return grant.replica == self._replica and signed(self._key, grant.statement(), grant.signature)

    def refill_leases(self) -> None:
        """Tell the centre what is left of the number blocks and keep what it adds."""
        asked = leases_of(self._store)
        answer = self._centre.lease(self._replica, asked)
        new = [lease for lease in answer.leases if lease.id not in asked.left]
        if new:
            self._store.keep_leases(new)

    def refresh_reference(self) -> None:
        """Put every version that became current on the shelf, after checking it against the centre's word."""
        refresh_reference(self._centre, self._shelf, self._key)


def refresh_reference(centre: Supplier, shelf: ReferenceShelf, centre_key: bytes) -> None:
    """Put every version that became current, or is damaged here, on the shelf, checked against the centre's word."""
    index = centre.reference()
    if not signed(centre_key, index.statement(), index.signature):
        raise Refused("sync.checkpoint")
    here = shelf.sound()
    for kind, digest in index.digests.items():
        if here.get(kind) == digest:
            continue
        files = centre.files(kind, digest)
        if reference_digest(files) != digest:
            raise Refused("sync.trust", kind, kind=kind)
        if kind == TRUST:
            read_trust(files, centre_key)
        shelf.keep(kind, digest, files)


def leases_of(store: SyncStore) -> LeaseRequest:
    """Return the number blocks a desk holds, and what is left of each."""
    held = store.leases()
    left = {lease.id: max(lease.last - lease.next + 1, 0) for lease in held}
    return LeaseRequest(left=left, held=list(held))


def read_trust(files: dict[str, bytes], centre_key: bytes) -> TrustDirectory:
    """Return the directory of replicas in reference kind ``trust``.

    Raises Refused ``sync.trust`` when the centre with that key did not sign it.
    """
    text = files.get("trust.json", b"")
    if not signed(centre_key, text, files.get("trust.sig", b"")):
        raise Refused("sync.trust", TRUST, kind=TRUST)
    try:
        return msgspec.json.decode(text, type=TrustDirectory)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Refused("sync.trust", TRUST, kind=TRUST) from error

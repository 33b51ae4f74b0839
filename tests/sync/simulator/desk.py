"""One window PC: opening as ``entry/home/opening.py`` does it, rounds as ``entry/home/rounds.py``, the loop of the messenger."""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace

from jinpu_desk.domain.errors import DeskError, Refused, Unavailable
from jinpu_desk.entry.window.messenger import FIRST_SECONDS, IDLE_SECONDS
from jinpu_desk.store.marks import Cause
from jinpu_desk.sync.backoff import next_delay
from jinpu_desk.sync.incarnation import ask_for_another
from jinpu_desk.sync.session import Enrolled, SyncSession
from jinpu_desk.sync.supplies import refresh_reference
from jinpu_desk.sync.wire_rare import IncarnationAnswer, Readmission, readmission_statement
from samples.memory import MemoryRing

from .centre import KEY, ClockOf
from .desk_store import DeskStore, Folds
from .home import DeskBlobs, Draft, Home, HomeMarks, Identity, KeyPair, key_of, put
from .machine import Machine
from .network import Network, Wire
from .schedule import Line, Ticket
from .signatures import SwiftSigning

_DISOWNED: dict[str, Cause] = {"sync.fork": "fork", "sync.own-event-unknown": "restored"}


class Desk:
    """A window PC that is turned on and off; ``live`` is what runs on it besides the messenger."""

    def __init__(
        self,
        machine: Machine,
        home: Home,
        network: Network,
        folds: Folds,
        store_type: type[DeskStore],
        feed_limit: int,
        new_key: Callable[[], int],
    ) -> None:
        self.machine = machine
        self.home = home
        self.opened = False
        self.live: Callable[[], object] = lambda: None
        self.epoch = ""
        self._network = network
        self._folds = folds
        self._store_type = store_type
        self._feed_limit = feed_limit
        self._new_key = new_key
        self._wake: Ticket | None = None
        self._failures = 0
        self.marks = HomeMarks(machine, home)
        machine.booting = self._boot

    @property
    def name(self) -> str:
        """What the trace calls it."""
        return self.machine.name

    def _boot(self) -> None:
        self.machine.spawn("messenger", self._run)

    def _run(self) -> None:
        while True:
            try:
                self.open()
                break
            except Unavailable as error:
                self.machine.note(f"{self.name} cannot open: {error.code}")
                self.machine.schedule.sleep(5_000)
        self.machine.spawn("clerk", self.live)
        self._work()

    def open(self) -> None:
        """Open the home, as another replica where one is needed and the centre gives one."""
        self._settle_draft()
        store = self._joined()
        cause = store.recognised(self.marks)
        if cause is None:
            self.marks.claim_if_new(store.replica)
        elif self._reborn(store, cause):
            self._settle_draft()
            store = self._joined()
        else:
            store.frozen = cause
        # Only now: the clerk must not write through a store about which nothing is decided yet.
        self.store, self.opened = store, True
        self.blobs = DeskBlobs(self.machine, self.home.blobs)
        self._failures = 0
        self._talk()

    def _reborn(self, store: DeskStore, cause: Cause) -> bool:
        draft, identity = self.home.draft.seen, self.home.identity.seen
        self.marks.want(store.replica, cause)
        if draft is None or draft.folder != self.home.folder:
            draft = Draft(key=self._new_key(), folder=self.home.folder)
            put(self.machine, self.home.draft, "draft", draft)
        pair = key_of(draft.key)
        try:
            store.sign_off(self._signing(identity))
            answer = self._asked(pair, cause)
            proof = self._wire(answer.token)
            refresh_reference(proof, self.home.shelf, KEY.public)
        except DeskError as error:
            self.machine.note(f"{self.name} gets no new incarnation ({cause}): {error.code}")
            return False
        ready = Identity(replica=answer.replica, key=draft.key, token=answer.token)
        place = self.marks.placed(answer.replica.id)
        put(self.machine, self.home.draft, "ready", replace(draft, ready=ready, place=place))
        self.machine.note(f"{self.name} goes on as {answer.replica.id} ({cause})")
        return True

    def _asked(self, pair: KeyPair, cause: Cause) -> IncarnationAnswer:
        signing = self._signing(self.home.identity.seen)
        try:
            return ask_for_another(self._wire(), signing, pair.public, pair.certificate, cause)
        except Refused as refused:
            if refused.code != "auth.token" or not self._taken_back():
                raise
            return ask_for_another(self._wire(), signing, pair.public, pair.certificate, cause)

    def _settle_draft(self) -> None:
        draft = self.home.draft.seen
        if draft is not None and draft.ready is not None:
            put(self.machine, self.home.place, "place", draft.place)
            put(self.machine, self.home.identity, "identity", draft.ready)

    def _joined(self) -> DeskStore:
        identity = self.home.identity.seen
        store = self._store_type(
            self.machine,
            self.home.book,
            self.home.writer,
            self.marks,
            replica=identity.replica.id,
            folds=self._folds,
        )
        store.adopt_unsent()
        draft = self.home.draft.seen
        if draft is not None and draft.ready is not None:
            store.forget_leases()
            put(self.machine, self.home.draft, "draft", None)
        return store

    def _talk(self) -> None:
        identity = self.home.identity.seen
        self.session = SyncSession(
            centre=self._wire(),
            enrolled=Enrolled(centre_key=KEY.public, epoch=self.epoch),
            store=self.store,
            blobs=self.blobs,
            shelf=self.home.shelf,
            ring=MemoryRing(),
            signing=self._signing(identity),
            clock=ClockOf(self.machine),
            line=lambda: Line(self.machine.schedule, self.machine.spawn),
        )

    def _wire(self, token: str = "") -> Wire:
        return Wire(self._network, self.machine, token or self.home.identity.seen.token, self._feed_limit)

    def _signing(self, identity: Identity) -> SwiftSigning:
        pair = key_of(identity.key)
        return SwiftSigning(identity.replica.id, pair.public, pair.certificate)

    def nudge(self) -> None:
        """Something was written: go now, unless the network is known to be away."""
        if not self._failures and self._wake is not None:
            self.machine.schedule.wake(self._wake, True)

    def _work(self) -> None:
        schedule, random = self.machine.schedule, self.machine.random
        schedule.sleep(int(FIRST_SECONDS * 1000))
        while True:
            try:
                self._round()
                self._failures = 0
            except Unavailable as error:
                self._failures += 1
                self.machine.note(f"{self.name} {error.code}")
            except Refused as refused:
                self.machine.note(f"{self.name} is refused {refused.code} {refused.params}")
            if self.store.frozen is not None:
                self._reopen()
            delay = next_delay(self._failures, random.random) if self._failures else IDLE_SECONDS
            self._wake = schedule.ticket()
            schedule.wait(int(delay * 1000))
            self._wake = None

    def _reopen(self) -> None:
        try:
            self.open()
        except Unavailable as error:
            self.machine.note(f"{self.name} cannot open: {error.code}")

    def _round(self) -> None:
        self.store.require_own()
        try:
            self.session.round()
        except Refused as refused:
            if refused.code == "auth.token" and self._taken_back():
                self._talk()
                self.session.round()
                return
            cause = _DISOWNED.get(refused.code)
            if cause is not None:
                self.marks.want(self.store.replica, cause)
                self.store.frozen = cause
            raise

    def _taken_back(self) -> bool:
        shelf, identity = self.home.shelf, self.home.identity.seen
        if "trust" not in shelf.held():
            return False
        files, at = shelf.files("trust"), ClockOf(self.machine).ms()
        signing = self._signing(identity)
        request = Readmission(
            trust=files["trust.json"],
            trust_signature=files["trust.sig"],
            at=at,
            proof=signing.sign(readmission_statement(signing.replica, at)),
        )
        try:
            token = self._wire().readmit(signing.replica, request).token
        except Refused as refused:
            self.machine.note(f"{self.name} is not taken back: {refused.code}")
            return False
        put(
            self.machine,
            self.home.identity,
            "token",
            Identity(replica=identity.replica, key=identity.key, token=token),
        )
        return True

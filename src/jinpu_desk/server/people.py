"""Enrols window PCs and logs clerks in: tokens, grants and escrow secrets (DESIGN §6)."""

from __future__ import annotations

import hashlib
import secrets

import argon2
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from jinpu_desk.app.ports import Replica
from jinpu_desk.app.ports.entering import Clerk, Grant
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.events import GENESIS
from jinpu_desk.domain.ids import ClerkId, ReplicaId, uuid7
from jinpu_desk.domain.numbering import LAST_SERIES
from jinpu_desk.store.centre import events, registry
from jinpu_desk.store.centre.registry import ClerkRow, ReplicaRow, StationRow
from jinpu_desk.sync.wire import EnrolAnswer, EnrolRequest, GrantsAnswer, LoginAnswer, LoginRequest

from .centre import Centre
from .epochs import require_whole
from .limits import Guesses, minutes

_WINDOW_LENGTH = 40
_HASHER = argon2.PasswordHasher()  # Argon2id, RFC 9106 low-memory parameters
_NOBODY = _HASHER.hash("nobody has this password")


def token_hash(token: str) -> bytes:
    """Return what the centre keeps of a bearer token. It has 256 random bits, so a plain hash suffices."""
    return hashlib.sha256(token.encode()).digest()


def code_hash(code: str) -> bytes:
    """Return what the centre keeps of an enrolment code; case, blanks and hyphens do not matter."""
    plain = code.replace("-", "").replace(" ", "").upper()
    return hashlib.sha256(b"jinpu-enrol\n" + plain.encode()).digest()


def hash_password(password: str) -> str:
    """Return the Argon2id hash of a password as a PHC string."""
    return _HASHER.hash(password)


def enrol(centre: Centre, asked: EnrolRequest, caller: str, server_url: str) -> EnrolAnswer:
    """Take a window PC in as a new replica with a numbering series of its own.

    Raises:
        Refused: ``enrol.code`` (unknown, used or expired), ``enrol.too-many``, ``enrol.key``, ``enrol.window``,
            ``enrol.series-exhausted``.
    """
    _check_window(asked.window)
    check_certificate(asked.public_key, asked.certificate)
    now = centre.now()
    station = _use_code(centre, asked.code, caller, now)
    token = secrets.token_urlsafe(32)
    with centre.engine.begin() as connection:
        require_whole(connection)
        series = registry.take_series(connection, station.code)
        if series > LAST_SERIES:
            raise Refused("enrol.series-exhausted", "code", station=station.code)
        row = ReplicaRow(
            id=uuid7(centre.clock.now(), centre.entropy),
            station=station,
            series=series,
            window=asked.window,
            public_key=asked.public_key,
            certificate=asked.certificate,
            enrolled_at=now,
            revoked_at=None,
            seq=0,
        )
        registry.add_replica(connection, row, token_hash(token), bytes.fromhex(GENESIS))
        epoch = events.feed_head(connection).epoch
    return EnrolAnswer(
        replica=replica_of(centre, row, server_url),
        token=token,
        centre_key=centre.key.public,
        epoch=epoch,
        escrow=centre.key.escrow(row.id),
        now=now,
    )


def _use_code(centre: Centre, code: str, caller: str, now: int) -> StationRow:
    """Use the code up in its own transaction: a wrong one must be counted, whatever happens after."""
    guesses = Guesses(limits=centre.settings.limits, what="enrol", caller=caller, secret="")
    with centre.engine.begin() as connection:
        turn = guesses.begin(connection, now)
    if turn.wait:
        raise Refused("enrol.too-many", "code", minutes=minutes(turn.wait), retry_after=turn.wait)
    with centre.engine.begin() as connection:
        used = registry.use_code(connection, code_hash(code), now)
        station = registry.station(connection, used) if used else None
        if station is not None:
            guesses.succeeded(connection, now)
    if station is None:
        raise Refused("enrol.code", "code")
    return station


def _check_window(window: str) -> None:
    if not window or len(window) > _WINDOW_LENGTH or not window.isprintable():
        raise Refused("enrol.window", "window", limit=_WINDOW_LENGTH)


def check_certificate(public_key: bytes, der: bytes) -> None:
    """Refuse ``enrol.key`` unless ``der`` is a certificate for just that raw Ed25519 key, signed by it."""
    try:
        certificate = x509.load_der_x509_certificate(der)
        key = certificate.public_key()
        certificate.verify_directly_issued_by(certificate)
    except Exception as error:  # the parser's own errors, and what a foreign key type raises
        raise Refused("enrol.key", "certificate") from error
    if not isinstance(key, Ed25519PublicKey) or key.public_bytes_raw() != public_key:
        raise Refused("enrol.key", "public_key")


def replica_of(centre: Centre, row: ReplicaRow, server_url: str) -> Replica:
    """Return a replica as it is told to itself."""
    return Replica(
        id=ReplicaId(row.id),
        division=centre.row.division,
        station=row.station.number,
        station_name=row.station.name,
        series=f"{row.series:03}",
        window=row.window,
        authority=row.station.authority,
        server_url=server_url,
        progress_url=centre.settings.public_url or server_url,
        training=centre.row.training,
    )


def login(centre: Centre, asked: LoginRequest, caller: str) -> LoginAnswer:
    """Log a clerk in at a replica and give a grant for offline work.

    The desk has no token to show yet: it lies under the data key that this answer helps to unlock. What the
    answer opens is worth nothing without the desk's own disk.

    Raises:
        Refused: ``login.wrong``, ``login.locked`` after too many failures from ``caller`` (an address), ``login.revoked``,
            ``login.station`` when the clerk belongs to another station, ``auth.token`` for no replica,
            ``sync.replica-revoked``.
    """
    now = centre.now()
    guesses = Guesses(limits=centre.settings.limits, what="login", caller=caller, secret=asked.clerk)
    with centre.engine.begin() as connection:
        turn = guesses.begin(connection, now)
        found = registry.clerk(connection, asked.clerk)
        replica = registry.replica_by_id(connection, asked.replica)
    if turn.wait:
        raise Refused("login.locked", asked.clerk, minutes=minutes(turn.wait), retry_after=turn.wait)
    # Nothing is held while the hash is computed, and somebody unknown costs the same time as somebody known.
    fits = _fits(found.password if found else _NOBODY, asked.password)
    with centre.engine.begin() as connection:
        if found is None or not fits:
            raise Refused("login.wrong", asked.clerk, left=turn.left)
        guesses.succeeded(connection, now)
    admitted = _admitted(found, replica)
    with centre.engine.begin() as connection:
        registry.keep_slot(connection, admitted.id, found.name)
    return LoginAnswer(
        grant=_grant(centre, found, admitted, now), escrow=centre.key.escrow(admitted.id), now=now
    )


def _admitted(clerk: ClerkRow, replica: ReplicaRow | None) -> ReplicaRow:
    """Return the replica a clerk with the right password may work at; raises as ``login`` does."""
    if replica is None:
        raise Refused("auth.token", "replica")
    if replica.revoked_at is not None:
        raise Refused("sync.replica-revoked", replica.id)
    if clerk.revoked_at is not None:
        raise Refused("login.revoked", clerk.name)
    if clerk.station not in {None, replica.station.code}:
        raise Refused("login.station", clerk.name, station=replica.station.name)
    return replica


def _fits(hashed: str, password: str) -> bool:
    try:
        return _HASHER.verify(hashed, password)
    except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
        return False


def grants(centre: Centre, replica: ReplicaRow) -> GrantsAnswer:
    """Renew the grants of everybody who logged in at a replica, and name those who may no longer."""
    now = centre.now()
    with centre.engine.connect() as connection:
        clerks = registry.clerks_at(connection, replica.id)
    return GrantsAnswer(
        grants=[_grant(centre, clerk, replica, now) for clerk in clerks if clerk.revoked_at is None],
        revoked=[ClerkId(clerk.name) for clerk in clerks if clerk.revoked_at is not None],
    )


def _grant(centre: Centre, clerk: ClerkRow, replica: ReplicaRow, now: int) -> Grant:
    unsigned = Grant(
        clerk=Clerk(
            id=ClerkId(clerk.name),
            display_name=clerk.display_name,
            roles=clerk.roles,
            station=replica.station.number,
        ),
        replica=ReplicaId(replica.id),
        issued=now,
        expires=now + centre.settings.limits.grant_ms,
        signature=b"",
    )
    return Grant(
        clerk=unsigned.clerk,
        replica=unsigned.replica,
        issued=unsigned.issued,
        expires=unsigned.expires,
        signature=centre.key.sign(unsigned.statement()),
    )

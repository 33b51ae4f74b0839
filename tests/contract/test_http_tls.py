"""TLS: a desk believes the authority it was set up with and no other, and nothing is said openly off this machine."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest
import uvicorn
from cryptography import x509
from cryptography.x509.oid import NameOID

from jinpu_desk.domain.errors import Refused, Unavailable
from jinpu_desk.entry.demo_cases import small_catering
from jinpu_desk.server.centre import Centre
from jinpu_desk.server.http.door import FrontDoor
from jinpu_desk.server.http.serving import Place, configured, serve
from jinpu_desk.store.home import Home
from jinpu_desk.sync.transport import HttpCentre
from samples.authorities import Authority
from samples.centres import Window, served
from samples.programs import Desk, TrainingCentre


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path, "ours")


def place(files: tuple[Path, Path]) -> Place:
    return Place(tls_cert=files[0], tls_key=files[1])


def refusal(url: str, ca: Path) -> str:
    """Return why a desk that believes ``ca`` does not speak to the centre."""
    with HttpCentre(url, ca=ca) as http, pytest.raises(Unavailable) as caught:
        http.grants()
    assert caught.value.code == "sync.certificate"
    return str(caught.value.params["problem"])


def test_only_the_pinned_authority_is_believed(centre: Centre, authority: Authority, tmp_path: Path) -> None:
    other = Authority(tmp_path, "theirs")
    window = Window(centre)
    with served(centre, place=place(authority.issue("centre"))) as url:
        assert url.startswith("https://")
        with HttpCentre(url, window.enrolled.token, ca=authority.file) as http:
            assert http.grants().revoked == []
        assert "unable to get local issuer" in refusal(url, other.file)
        assert "Hostname mismatch" in refusal(url.replace("127.0.0.1", "localhost"), authority.file)
    with served(centre, place=place(authority.issue("old", ends=-timedelta(hours=1)))) as url:
        assert "expired" in refusal(url, authority.file)
    with (
        HttpCentre("https://127.0.0.1:9", ca=other.file) as http,
        pytest.raises(Unavailable, match=r"sync\.offline"),
    ):
        http.grants()


def common_name(context: ssl.SSLContext, ca: Path) -> str:
    """Return whose certificate a server with this context shows, without a network."""
    near, far = ssl.MemoryBIO(), ssl.MemoryBIO()
    trusting = ssl.create_default_context(cafile=str(ca))
    client = trusting.wrap_bio(near, far, server_hostname="127.0.0.1")
    server = context.wrap_bio(far, near, server_side=True)
    for side in (client, server, client, server):
        with contextlib.suppress(ssl.SSLWantReadError):
            side.do_handshake()
    shown = client.getpeercert(binary_form=True)
    assert shown is not None
    (name,) = x509.load_der_x509_certificate(shown).subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(name.value)


async def renewed(config: uvicorn.Config) -> None:
    """Let a minute pass."""
    assert config.callback_notify is not None
    await config.callback_notify()


def test_a_renewed_certificate_is_used_without_a_restart(authority: Authority) -> None:
    files = authority.issue("old")
    config = configured(cast("FrontDoor", None), place(files))
    config.load()
    assert config.ssl is not None
    new = authority.issue("new")
    for here, there, name in ((new[0], files[0], "old"), (new[1], files[1], "new")):
        there.write_bytes(here.read_bytes())  # after the first the pair does not match
        asyncio.run(renewed(config))
        assert common_name(config.ssl, authority.file) == f"演示 {name}"


def test_nothing_older_than_tls_1_2_is_spoken(centre: Centre, authority: Authority) -> None:
    with served(centre, place=place(authority.issue("centre"))) as url:
        address = ("127.0.0.1", int(url.rpartition(":")[2]))

        def spoken(version: ssl.TLSVersion) -> str | None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.load_verify_locations(authority.file)
            context.set_ciphers("ALL:@SECLEVEL=0")
            context.minimum_version = context.maximum_version = version
            with (
                socket.create_connection(address, timeout=30) as plain,
                context.wrap_socket(plain, server_hostname="127.0.0.1") as secure,
            ):
                return secure.version()

        assert spoken(ssl.TLSVersion.TLSv1_3) == "TLSv1.3"
        assert spoken(ssl.TLSVersion.TLSv1_2) == "TLSv1.2"
        with pytest.warns(DeprecationWarning, match="TLSv1_1"), pytest.raises(ssl.SSLError):
            spoken(ssl.TLSVersion.TLSv1_1)


def test_a_certificate_that_cannot_be_used_is_refused_before_serving(authority: Authority) -> None:
    certificate, _key = authority.issue("centre")
    _other, key = authority.issue("other")
    for files in ((certificate, key), (certificate, None), (None, key), (certificate, certificate)):
        with pytest.raises(Refused, match=r"server\.tls"):
            serve(NotImplemented, Place(tls_cert=files[0], tls_key=files[1]), NotImplemented)


def test_a_desk_is_set_up_with_an_authority_and_keeps_to_it(
    training: TrainingCentre, authority: Authority, tmp_path: Path
) -> None:
    certificate, key = authority.issue("centre")
    other = Authority(tmp_path, "theirs")
    training.stop()
    training.options = ("--tls-cert", str(certificate), "--tls-key", str(key))
    plain = training.url
    training.start()
    try:
        desk = Desk(training.folder / "desk-tls")
        code = training.admin("enroll", "--station", "HALL")["code"]
        setup = ("setup", "--server", training.url, "--code", code, "--clerk", "demo")
        assert desk.refused(*setup, "--ca", str(tmp_path / "none.pem"))["code"] == "setup.ca"
        assert desk.refused(*setup, "--ca", str(key))["code"] == "setup.ca"
        assert desk.refused(*setup, code=3)["code"] == "sync.certificate"  # no authority of the system's
        assert desk.refused(*setup, "--ca", str(other.file), code=3)["code"] == "sync.certificate"
        open_way = ("setup", "--server", "http://192.0.2.1", "--code", code, "--clerk", "demo")
        assert desk.refused(*open_way)["code"] == "sync.plain-http"
        desk.done(*setup, "--ca", str(authority.file))
        authority.file.unlink()  # the home has its own copy
        assert desk.done("sync")["pending"] == 0
        (kept,) = (desk.home / "trust").glob("ca-*.pem")
        kept.write_bytes(other.file.read_bytes())
        assert desk.refused("sync", code=3)["code"] == "sync.certificate"
    finally:
        training.stop()
        training.options = ()
        training.start()
    assert training.url == plain


def test_a_centre_that_moves_behind_another_authority_is_found_again(
    own_centre: TrainingCentre, authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = own_centre.desk()
    desk.take(small_catering(1))
    own_centre.stop()
    certificate, key = authority.issue("centre")
    own_centre.options = ("--tls-cert", str(certificate), "--tls-key", str(key))
    own_centre.start()
    there = ("centre", "--server", own_centre.url)
    assert desk.refused("sync", code=3)["code"] == "sync.offline"
    assert desk.refused(*there, code=3)["code"] == "sync.certificate"
    other = Authority(tmp_path, "theirs")
    assert desk.refused(*there, "--ca", str(other.file), code=3)["code"] == "sync.certificate"
    assert not list((desk.home / "trust").glob("ca-*.pem"))
    assert desk.refused("sync", code=3)["code"] == "sync.offline", "nothing of that was kept"

    def full(*_: object) -> None:
        raise Unavailable("store.disk-full")

    with monkeypatch.context() as patch:  # between the two files that say where the centre is
        patch.setattr(Home, "save_replica", full)
        assert desk.refused(*there, "--ca", str(authority.file), code=3)["code"] == "store.disk-full"
    told = desk.done(*there)
    assert told == {"server": own_centre.url, "progress": own_centre.url, "ca": True}
    assert desk.done("sync")["pending"] == 0
    assert len(list((desk.home / "trust").glob("ca-*.pem"))) == 1


def test_another_centre_is_not_taken_for_ones_own(
    own_centre: TrainingCentre, training: TrainingCentre
) -> None:
    desk = own_centre.desk()
    assert desk.refused("centre", "--server", training.url)["code"] == "auth.token"
    assert desk.done("sync")["pending"] == 0


def test_a_grant_that_is_over_is_renewed_where_the_centre_is_now(own_centre: TrainingCentre) -> None:
    desk = own_centre.desk()
    later = "2026-09-28T10:00:00+08:00"
    own_centre.move(later)
    assert desk.refused("sync", clock=later)["code"] == "login.grant-expired"
    desk.done("centre", "--server", own_centre.url, clock=later)
    assert desk.done("sync", clock=later)["pending"] == 0

"""The seal on a whole file: a PAdES signature (ETSI EN 319 142-1, B-B) by the window's Ed25519 key (RFC 8419).

The CMS is built here and nowhere else, and it is completely determined by the file's digest, the certificate
and the signature value: a verifier builds it again and compares, so that no byte of it can be altered unseen.
"""

from __future__ import annotations

import hashlib
import io
from datetime import UTC, datetime
from typing import Final

from asn1crypto import algos, cms, core, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigObjSetup
from pyhanko.sign.signers.pdf_byterange import SignatureObject

from jinpu_desk.app.papers import Signer
from jinpu_desk.documents.revision import open_revision
from jinpu_desk.domain.ids import ReplicaId

DIGEST: Final = "sha512"  # RFC 8419 asks for it with Ed25519
SIGNATURE_BYTES: Final = 64


def make_certificate(
    key: Ed25519PrivateKey, replica: ReplicaId, valid_from: datetime, valid_until: datetime
) -> bytes:
    """Return a self-signed X.509 certificate in DER whose common name is the replica; same input, same bytes.

    Desks trust it because the centre sends it with the replica's key, not because of a chain.
    """
    public = key.public_key()
    raw = public.public_bytes(Encoding.Raw, PublicFormat.Raw)
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Jinpu Desk"),
            x509.NameAttribute(NameOID.COMMON_NAME, replica),
        ]
    )
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(public)
        .serial_number(int.from_bytes(hashlib.sha256(raw).digest()[:15], "big") | 1)
        .not_valid_before(valid_from)
        .not_valid_after(valid_until)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )
    return builder.sign(key, None).public_bytes(Encoding.DER)


def seal(data: bytes, signer: Signer, at: datetime) -> bytes:
    """Return ``data`` followed by a signature over the whole of it; same input, same bytes.

    Takes tens of milliseconds, so printing does not wait for it. ``at`` is the claimed time, to the second.
    """
    writer = open_revision(data)
    size = len(build_cms(bytes(SIGNATURE_BYTES), signer.certificate, bytes(SIGNATURE_BYTES)))
    fields = writer.root["/AcroForm"]["/Fields"] if "/AcroForm" in writer.root else ()
    steps = PdfCMSEmbedder().write_cms(field_name=f"JinpuSeal{len(fields) + 1}", writer=writer)
    next(steps)
    stamp = SignatureObject(
        timestamp=at.astimezone(UTC).replace(microsecond=0),
        subfilter=SigSeedSubFilter.PADES,
        bytes_reserved=2 * size,
    )
    steps.send(SigObjSetup(sig_placeholder=stamp))
    prepared, out = steps.send(SigIOSetup(md_algorithm=DIGEST, output=io.BytesIO()))
    digest = prepared.document_digest
    signature = signer.sign(signed_attributes(digest, signer.certificate).dump())
    steps.send(build_cms(digest, signer.certificate, signature))
    sealed: bytes = out.getvalue()
    return sealed


def signed_attributes(digest: bytes, certificate: bytes) -> cms.CMSAttributes:
    """Return what the key signs: the file's digest, and which certificate stands for the key (RFC 5035)."""
    stated = tsp.SigningCertificateV2(
        {
            "certs": [
                tsp.ESSCertIDv2(
                    {
                        "hash_algorithm": algos.DigestAlgorithm({"algorithm": "sha256"}),
                        "cert_hash": hashlib.sha256(certificate).digest(),
                    }
                )
            ]
        }
    )
    return cms.CMSAttributes(
        [
            cms.CMSAttribute({"type": "content_type", "values": [cms.ContentType("data")]}),
            cms.CMSAttribute({"type": "message_digest", "values": [core.OctetString(digest)]}),
            cms.CMSAttribute({"type": "signing_certificate_v2", "values": [stated]}),
        ]
    )


def build_cms(digest: bytes, certificate: bytes, signature: bytes) -> bytes:
    """Return the one CMS (RFC 5652) that goes with a digest, a certificate and a signature value, in DER."""
    parsed = asn1_x509.Certificate.load(certificate)
    hashed = algos.DigestAlgorithm({"algorithm": DIGEST})
    signer_info = cms.SignerInfo(
        {
            "version": "v1",
            "sid": cms.SignerIdentifier(
                {
                    "issuer_and_serial_number": cms.IssuerAndSerialNumber(
                        {"issuer": parsed.issuer, "serial_number": parsed.serial_number}
                    )
                }
            ),
            "digest_algorithm": hashed,
            "signed_attrs": signed_attributes(digest, certificate),
            "signature_algorithm": algos.SignedDigestAlgorithm({"algorithm": "ed25519"}),
            "signature": signature,
        }
    )
    signed = cms.SignedData(
        {
            "version": "v1",
            "digest_algorithms": cms.DigestAlgorithms((hashed,)),
            "encap_content_info": {"content_type": "data"},
            "certificates": [parsed],
            "signer_infos": [signer_info],
        }
    )
    built: bytes = cms.ContentInfo({"content_type": "signed_data", "content": signed}).dump()
    return built

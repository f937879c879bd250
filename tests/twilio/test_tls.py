"""Credentials go to a server that proves to be the one in TWILIO_API_BASE, and to no other."""

import ssl
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from pytest_django import Settings

from answering.lib import clock
from answering.twilio.accounts import Account
from answering.twilio.errors import Unreachable
from answering.twilio.rest import Api
from tests.twilio.standin import StandIn


def write_certificate(path: Path) -> None:
    """A certificate for localhost that nobody has signed, and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")]), clock.now()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(certificate.public_bytes(Encoding.PEM) + private)


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    path = tmp_path / "localhost.pem"
    write_certificate(path)
    return path


@pytest.fixture
def secure(settings: Settings, certificate: Path) -> Iterator[StandIn]:
    """The stand-in behind https, by name."""
    standin = StandIn()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    standin.wrap(context)
    with standin:
        settings.TWILIO_API_BASE = f"https://localhost:{standin.address[1]}"
        yield standin


def api_of(standin: StandIn) -> Api:
    subscriber = standin.exchange.add_account()
    return Api(Account("own", subscriber.sid, subscriber.auth_token))


def test_a_server_that_proves_who_it_is_is_asked(
    secure: StandIn, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert api_of(secure).account_status() == "active"


def test_a_server_that_does_not_gets_nothing(secure: StandIn) -> None:
    with pytest.raises(Unreachable):
        api_of(secure).account_status()
    assert secure.requests == []


def test_a_server_with_the_certificate_of_another_name_gets_nothing(
    secure: StandIn, certificate: Path, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    settings.TWILIO_API_BASE = f"https://127.0.0.1:{secure.address[1]}"
    with pytest.raises(Unreachable):
        api_of(secure).account_status()
    assert secure.requests == []

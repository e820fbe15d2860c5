"""Brokers that let in only who proves who they are, by SASL, over TLS, each with rights of its own."""

import shutil
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from tests.support.kafka_jars import JarBroker
from tests.support.processes import HOST, answers, free_port, run

MECHANISM: Final = "SCRAM-SHA-512"
_LOGIN: Final = "org.apache.kafka.common.security.scram.ScramLoginModule required"


class Authority:
    """Signs the certificate of a broker; who knows `certificate` knows that broker."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"CA of {folder.name}")])
        self.certificate = folder / "ca.pem"
        signed = self._signed(
            self._name, self._key.public_key(), x509.BasicConstraints(ca=True, path_length=0)
        )
        self.certificate.write_bytes(signed.public_bytes(Encoding.PEM))

    def keystore(self) -> Path:
        """A key and certificate for this machine, as the broker reads them."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
        signed = self._signed(
            name, key.public_key(), x509.SubjectAlternativeName([x509.IPAddress(ip_address(HOST))])
        )
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        file = self._folder / "broker.pem"
        file.write_bytes(private + signed.public_bytes(Encoding.PEM))
        return file

    def _signed(
        self, name: x509.Name, key: ec.EllipticCurvePublicKey, extension: x509.ExtensionType
    ) -> x509.Certificate:
        now = datetime.now(UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(self._name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(extension, critical=True)
            .sign(self._key, hashes.SHA256())
        )


@dataclass(frozen=True)
class Security:
    """What a broker asks for. The first user is the broker's own, and may do everything."""

    passwords: Mapping[str, str]
    authority: Authority | None = None  # none: in clear
    rights: bool = False  # whether who has no right to something may not do it

    @property
    def own(self) -> str:
        return next(iter(self.passwords))

    @property
    def protocol(self) -> str:
        return "SASL_SSL" if self.authority else "SASL_PLAINTEXT"

    def properties(self) -> Mapping[str, str]:
        """Of the broker, besides those of every broker of ours."""
        own, password = self.own, self.passwords[self.own]
        found = {
            "listener.security.protocol.map": f"INTERNAL:{self.protocol},CONTROLLER:PLAINTEXT",
            "sasl.enabled.mechanisms": MECHANISM,
            "sasl.mechanism.inter.broker.protocol": MECHANISM,
            f"listener.name.internal.{MECHANISM.lower()}.sasl.jaas.config": (
                f'{_LOGIN} username="{own}" password="{password}";'
            ),
        }
        if self.authority:
            found |= {
                "ssl.keystore.type": "PEM",
                "ssl.keystore.location": str(self.authority.keystore()),
                "ssl.truststore.type": "PEM",
                "ssl.truststore.location": str(self.authority.certificate),
            }
        if self.rights:
            found |= {
                "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
                "super.users": f"User:{own};User:ANONYMOUS",  # the controller's own listener asks for no name
            }
        return found


@dataclass(frozen=True)
class Secured:
    """A running one, and how its clients are set."""

    address: str
    security: Security

    def options(self, user: str = "", **changed: str) -> str:
        """SIDAN_KAFKA_OPTIONS of a user."""
        user = user or self.security.own
        settings = {
            "security.protocol": self.security.protocol,
            "sasl.mechanism": MECHANISM,
            "sasl.username": user,
            "sasl.password": self.security.passwords[user],
            **(
                {"ssl.ca.location": str(self.security.authority.certificate)}
                if self.security.authority
                else {}
            ),
            **{name.replace("_", "."): value for name, value in changed.items()},
        }
        return ",".join(f"{name}={value}" for name, value in settings.items())


class _Broker(JarBroker):
    def __init__(self, port: int, security: Security) -> None:
        super().__init__(port, quick_start=True)
        self._security = security

    def _format(self) -> None:
        """Those who may come in are known before it first starts."""
        super()._format()
        with self._properties.open("a", encoding="utf-8") as properties:
            properties.writelines(f"{name}={value}\n" for name, value in self._security.properties().items())
        shutil.rmtree(self._environment["KAFKA_LOG_DIRS"])
        command = [*self._java, "kafka.tools.StorageTool", "format", "-t", self._environment["CLUSTER_ID"]]
        command += ["-c", str(self._properties)]
        for name, password in self._security.passwords.items():
            command += ["--add-scram", f"{MECHANISM}=[name={name},password={password}]"]
        run(command)


@contextmanager
def secured_kafka(security: Security) -> Generator[Secured]:
    """Only from the jars, which are the ones that we can set up so."""
    port = free_port()
    broker = _Broker(port, security)
    try:
        broker.start(lambda: answers(port))
        yield Secured(f"{HOST}:{port}", security)
    finally:
        broker.close()

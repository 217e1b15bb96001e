"""A broker as a hospital meets one: TLS, SCRAM and an authorizer that denies what no rule allows. And its rules, as they are printed."""

import asyncio
import os
import secrets
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from aiokafka.protocol.admin import CreateAclsRequest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from services.embedded import kafka
from services.embedded.jars import cache_dir, ensure_jars
from services.embedded.process import free_ports, spawn, stop
from services.runtime.security import client_security
from services.runtime.settings import Settings

ADMIN, STRANGER = "admin", "stranger"
MECHANISMS = {"gateway": "SCRAM-SHA-512", "analyst": "SCRAM-SHA-256"}
"""The others come with PLAIN: SCRAM costs a client 15 ms a connection."""
START_S, POLL_S = 60.0, 0.1
TOPIC, GROUP, TRANSACTIONAL_ID, LITERAL, ALLOW = 2, 3, 5, 3, 3
RESOURCES = {"--topic": TOPIC, "--group": GROUP, "--transactional-id": TRANSACTIONAL_ID}
OPERATIONS = {"Read": 3, "Write": 4, "Describe": 8, "DescribeConfigs": 10}
"""The numbers of Kafka's protocol (org.apache.kafka.common.acl.AclOperation)."""
SECURITY = """
listeners=SASL_SSL://127.0.0.1:{broker},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=SASL_SSL://127.0.0.1:{broker}
inter.broker.listener.name=SASL_SSL
listener.security.protocol.map=SASL_SSL:SASL_SSL,CONTROLLER:PLAINTEXT
sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512
sasl.mechanism.inter.broker.protocol=PLAIN
listener.name.sasl_ssl.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required {plain};
listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
ssl.keystore.type=PEM
ssl.keystore.location=broker.pem
ssl.truststore.type=PEM
ssl.truststore.location=ca.pem
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
# the controller's own listener has no names
super.users=User:admin;User:ANONYMOUS
"""


@dataclass
class Secured:
    """Where it listens, and the password of each user: ``admin`` may all, the others what is granted."""

    folder: Path
    passwords: dict[str, str]
    road: str = "safe-"
    address: str = ""

    @property
    def ca(self) -> Path:
        return self.folder / "ca.pem"

    def env(self, user: str) -> dict[str, str]:
        """The environment of a user; the password is in a file."""
        file = self.folder / f"{user}.password"
        file.write_text(self.passwords[user] + "\n")
        return {
            "YIBAO_KAFKA": self.address, "YIBAO_ROAD": self.road, "YIBAO_KAFKA_SASL": MECHANISMS.get(user, "PLAIN"), "YIBAO_KAFKA_USER": user,
            "YIBAO_KAFKA_PASSWORD_FILE": str(file), "YIBAO_KAFKA_CA": str(self.ca)}

    def settings(self, user: str, **more: Any) -> Settings:
        return Settings(
            kafka=self.address, road=self.road, kafka_sasl=MECHANISMS.get(user, "PLAIN"), kafka_user=user,
            kafka_password=self.passwords[user], kafka_ca=self.ca, **more)

    async def answers(self) -> bool:
        admin = self._admin()
        try:
            async with asyncio.timeout(2):
                await admin.start()
                return True
        except (KafkaError, OSError):
            return False
        finally:
            await admin.close()

    async def grant(self, printed: str) -> int:
        """Executes what ``yibao acl`` printed, command by command; returns how many rules that made."""
        admin, made = self._admin(), 0
        await admin.start()
        try:
            for line in printed.splitlines():
                for rule in rules(line) if not line.startswith("#") else ():
                    answer = await admin._client.send(admin._client.get_random_node(), CreateAclsRequest(*rule))
                    assert all(code == 0 for code, *_ in answer.creation_responses), (line, answer)
                    made += 1
        finally:
            await admin.close()
        return made

    def _admin(self) -> AIOKafkaAdminClient:
        return AIOKafkaAdminClient(bootstrap_servers=self.address, request_timeout_ms=5000, **client_security(self.settings(ADMIN)))


def rules(command: str) -> Iterator[tuple[int, str, int, str, str, int, int]]:
    """What a line of Kafka's own tool means: a rule for each operation on each resource."""
    program, *words = shlex.split(command)
    words = [word for word in words if word != "--add"]
    pairs = [*zip(words[::2], words[1::2], strict=True)]
    named = {name: [value for one, value in pairs if one == name] for name, _ in pairs}
    assert program == "kafka-acls.sh" and named.keys() <= {"--bootstrap-server", "--allow-principal", "--operation", *RESOURCES}
    resources = [(kind, name) for option, kind in RESOURCES.items() for name in named.get(option, ())]
    for kind, name in resources:
        for operation in named["--operation"]:
            yield kind, name, LITERAL, named["--allow-principal"][0], "*", OPERATIONS[operation], ALLOW


@contextmanager
def secured(folder: Path, users: list[str]) -> Iterator[Secured]:
    """The broker for the length of a block. Raises EmbeddedMissing without the extra."""
    found = Secured(folder, {user: secrets.token_hex(12) for user in (ADMIN, STRANGER, *users)})
    jars, (broker, controller) = ensure_jars(cache_dir(), print), free_ports(2)
    found.address = f"127.0.0.1:{broker}"
    _certificate(folder)
    _properties(folder, broker, controller, found.passwords)
    scram = [word for user, name in MECHANISMS.items() for word in ("--add-scram", f"{name}=[name={user},password={found.passwords[user]}]")]
    tool = [*kafka.java_command(jars), "-Xmx256m", "kafka.tools.StorageTool", "format"]
    kafka.run_format([*tool, f"--cluster-id={kafka.new_cluster_id()}", "--config=server.properties", *scram], folder)
    lock = os.open(folder / "lock", os.O_CREAT | os.O_RDWR)
    server = spawn("Kafka", kafka.command(jars), folder, broker, lock)
    try:
        asyncio.run(_ready(found, server))
        yield found
    finally:
        stop([server])
        os.close(lock)


async def _ready(found: Secured, server: Any) -> None:
    end = asyncio.get_running_loop().time() + START_S
    while not await found.answers():
        assert server.death() is None and asyncio.get_running_loop().time() < end, server.death() or server.written()[-3000:]
        await asyncio.sleep(POLL_S)


def _properties(folder: Path, broker: int, controller: int, passwords: dict[str, str]) -> None:
    """Those of the embedded node, with other listeners."""
    kafka.write_properties(folder, broker, controller)
    file = folder / "server.properties"
    changed = {line.partition("=")[0] for line in SECURITY.splitlines() if "=" in line}
    kept = [line for line in file.read_text("ascii").splitlines() if line.partition("=")[0] not in changed]
    plain = " ".join([f'username="{ADMIN}" password="{passwords[ADMIN]}"', *(f'user_{user}="{passwords[user]}"' for user in passwords if user not in MECHANISMS)])
    file.write_text("\n".join(kept) + SECURITY.format(broker=broker, controller=controller, plain=plain), "ascii")


def _certificate(folder: Path) -> None:
    """One certificate of 127.0.0.1, which is its own authority."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "broker")])
    now, public = datetime.now(UTC), key.public_key()
    usage = x509.KeyUsage(True, False, False, False, False, True, False, False, False)
    made = (
        x509.CertificateBuilder(name, name, public, x509.random_serial_number(), now - timedelta(days=1), now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True).add_extension(usage, critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(public), critical=False).sign(key, hashes.SHA256()))
    certificate = made.public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "ca.pem").write_bytes(certificate)
    (folder / "broker.pem").write_bytes(secret + certificate)

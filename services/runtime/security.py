"""How every client of Kafka proves who it is and encrypts: SASL (PLAIN, SCRAM) and TLS, from the settings alone."""

import asyncio
import ssl
from collections.abc import Callable
from typing import Any

from aiokafka.conn import collect_hosts, create_conn
from aiokafka.errors import KafkaError
from faststream.security import BaseSecurity, SASLPlaintext, SASLScram256, SASLScram512

from services.runtime.exits import Misconfigured
from services.runtime.settings import Settings

FASTSTREAM: dict[str, Callable[..., BaseSecurity]] = {"PLAIN": SASLPlaintext, "SCRAM-SHA-256": SASLScram256, "SCRAM-SHA-512": SASLScram512}


def client_security(settings: Settings) -> dict[str, Any]:
    """What a client of aiokafka takes. Raises Misconfigured."""
    tls, sasl = _tls(settings), _sasl(settings)
    if sasl is None:
        return {} if tls is None else {"security_protocol": "SSL", "ssl_context": tls}
    return {
        "security_protocol": "SASL_PLAINTEXT" if tls is None else "SASL_SSL", "ssl_context": tls, "sasl_mechanism": sasl,
        "sasl_plain_username": settings.kafka_user, "sasl_plain_password": _password(settings),
    }


def broker_security(settings: Settings) -> BaseSecurity | None:
    """The same for FastStream. Raises Misconfigured."""
    tls, sasl = _tls(settings), _sasl(settings)
    if sasl is None:
        return None if tls is None else BaseSecurity(ssl_context=tls, use_ssl=True)
    return FASTSTREAM[sasl](settings.kafka_user, _password(settings), ssl_context=tls, use_ssl=tls is not None)


async def refused(settings: Settings) -> str | None:
    """Whether a broker is there and one side refuses the other: a client says of that only that it found no broker."""
    security = client_security(settings)
    for host, port, _ in collect_hosts(settings.kafka) if security else ():
        try:
            async with asyncio.timeout(settings.send_timeout_s):
                (await create_conn(host, port, **security)).close()
        except ssl.SSLCertVerificationError as error:
            return f"不信任代理的证书 / its certificate is not trusted ({error.verify_message}); see YIBAO_KAFKA_CA"
        except (KafkaError, TimeoutError, OSError) as error:
            if "Authentication" in type(error).__name__:
                return f"用户名或口令不被接受 / user or password refused ({type(error).__name__}); see YIBAO_KAFKA_USER"
    return None


def _sasl(settings: Settings) -> str | None:
    """The mechanism. A user or a password without one would be ignored, and everything sent by nobody: that is refused."""
    for name in ("kafka_user", "kafka_password", "kafka_password_file"):
        if settings.kafka_sasl is None and getattr(settings, name):
            raise Misconfigured(f"YIBAO_{name.upper()}: 缺少 YIBAO_KAFKA_SASL / needs YIBAO_KAFKA_SASL (PLAIN, SCRAM-SHA-256, SCRAM-SHA-512)")
    return settings.kafka_sasl


def _password(settings: Settings) -> str:
    """From the environment or a file, whose last newline is not of it. It is never told."""
    if not settings.kafka_user:
        raise Misconfigured("YIBAO_KAFKA_SASL: 缺少 YIBAO_KAFKA_USER / needs YIBAO_KAFKA_USER")
    if settings.kafka_password is not None:
        return settings.kafka_password.get_secret_value()
    if settings.kafka_password_file is None:
        raise Misconfigured(
            "YIBAO_KAFKA_SASL: 缺少 YIBAO_KAFKA_PASSWORD 或 YIBAO_KAFKA_PASSWORD_FILE / needs YIBAO_KAFKA_PASSWORD or YIBAO_KAFKA_PASSWORD_FILE")
    try:
        return settings.kafka_password_file.read_text("utf-8").removesuffix("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(f"YIBAO_KAFKA_PASSWORD_FILE {settings.kafka_password_file}: 不能读取口令 / the password cannot be read ({type(error).__name__})") from None


def _tls(settings: Settings) -> ssl.SSLContext | None:
    """Verifies the broker and its name, by the file of authorities or those of the system."""
    if not settings.kafka_tls and settings.kafka_ca is None:
        return None
    try:
        return ssl.create_default_context(cafile=settings.kafka_ca)
    except OSError as error:  # ssl.SSLError is one
        raise Misconfigured(f"YIBAO_KAFKA_CA {settings.kafka_ca}: 不是 CA 证书 / holds no certificate of an authority ({type(error).__name__})") from None

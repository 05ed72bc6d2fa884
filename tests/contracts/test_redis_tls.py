"""Redis by TLS and with a password, as an operator writes them: rediss://, percent-encoded."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from redis.exceptions import RedisError

from shop.redis_client import open_client
from shop.settings import Settings
from tests.keys import MASTER_KEY_BASE64

PASSWORD = "p@ss/w?rd#%"


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """Of 127.0.0.1, its own authority, with its key."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "redis")])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), 7, now, now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), False
        )
        .add_extension(x509.BasicConstraints(True, None), True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "redis.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return file


@pytest.fixture
async def tls_port(valkey: str, certificate: Path) -> AsyncIterator[int]:
    """TLS in front of the real server, which wants a password meanwhile."""
    admin = open_client(valkey)
    await admin.config_set("requirepass", PASSWORD)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(4096):
            writer.write(data)
            await writer.drain()
        writer.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        behind, ahead = await asyncio.open_unix_connection(urlsplit(valkey).path)
        with suppress(ConnectionError, ssl.SSLError):
            await asyncio.gather(pass_on(reader, ahead), pass_on(behind, writer))

    async with await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context) as server:
        yield server.sockets[0].getsockname()[1]
        server.close()
    await admin.config_set("requirepass", "")
    await admin.aclose()


async def test_redis_by_tls(tls_port: int, certificate: Path) -> None:
    def url(password: str, query: str) -> str:
        given = f"rediss://:{quote(password, safe='')}@127.0.0.1:{tls_port}/0{query}"
        env = {"EIDER_MASTER_KEY": MASTER_KEY_BASE64, "EIDER_REDIS_URL": given}
        return Settings.from_env(env).redis_url

    async def answers(address: str) -> bool:
        client = open_client(address)
        try:
            return bool(await client.ping())
        except (RedisError, OSError):
            return False
        finally:
            await client.aclose()

    known = f"?ssl_ca_certs={certificate}"
    assert await answers(url(PASSWORD, known))
    assert not await answers(url("another", known))
    assert not await answers(url(PASSWORD, "")), "nobody vouches for that certificate"

"""The settings of a WeChat account and of its merchant: whole, and as the consoles show them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from shop.settings import Settings, SettingsError
from tests.keys import MASTER_KEY_BASE64

ACCOUNT = {
    "EIDER_WECHAT_APP_ID": "wx0123456789abcdef",
    "EIDER_WECHAT_SECRET": "0123456789abcdef" * 2,
    "EIDER_WECHAT_TOKEN": "tokenOfTests",
}
KEY = rsa.generate_private_key(65537, 2048)
PRIVATE = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
PUBLIC = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
MERCHANT = {
    "EIDER_WECHATPAY_MERCHANT_ID": "1900000001",
    "EIDER_WECHATPAY_SERIAL": "5a" * 20,
    "EIDER_WECHATPAY_PRIVATE_KEY": PRIVATE,
    "EIDER_WECHATPAY_API_V3_KEY": "s3cretS3cretS3cretS3cretS3cretS3",
    "EIDER_WECHATPAY_PUBLIC_KEY_ID": "PUB_KEY_ID_0119000000012024",
    "EIDER_WECHATPAY_PUBLIC_KEY": PUBLIC,
}
REACHED = {"EIDER_PUBLIC_URL": "https://eider.example"}


def read(*given: dict[str, str], **more: str) -> Settings:
    env = {"EIDER_MASTER_KEY": MASTER_KEY_BASE64, **REACHED}
    for one in (*given, {f"EIDER_{name}": value for name, value in more.items()}):
        env |= one
    return Settings.from_env(env)


def problems(*given: dict[str, str], **more: str) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        read(*given, **more)
    return list(caught.value.problems)


def certificate(serial: int = 1) -> str:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "platform")])
    now = datetime(2026, 1, 1, tzinfo=UTC)
    made = x509.CertificateBuilder(
        name, name, KEY.public_key(), serial, now, now + timedelta(days=1)
    )
    return made.sign(KEY, hashes.SHA256()).public_bytes(Encoding.PEM).decode()


def test_without_any_there_is_no_account_and_with_all_it_is_as_given():
    assert read().wechat_app_id == read().wechatpay_merchant_id == ""
    settings = read(ACCOUNT, MERCHANT, WECHAT_AES_KEY="x" * 43)
    assert settings.wechat_token == "tokenOfTests"
    assert settings.wechatpay_serial == "5A" * 20, "as WeChat Pay writes it"
    assert settings.wechatpay_private_key.strip() == PRIVATE.strip()
    assert "s3cret" not in repr(settings).lower()
    assert "PRIVATE" not in repr(settings)


@pytest.mark.parametrize("left_out", ACCOUNT)
def test_an_account_is_given_whole(left_out):
    given = {name: value for name, value in ACCOUNT.items() if name != left_out}
    (problem,) = problems(given)
    assert problem.startswith(f"{left_out}: is missing")


@pytest.mark.parametrize("left_out", MERCHANT)
def test_a_merchant_is_given_whole(left_out):
    given = {name: value for name, value in MERCHANT.items() if name != left_out}
    (problem,) = problems(ACCOUNT, given)
    assert problem.startswith(f"{left_out}: is missing")


def test_without_a_key_of_wechat_pays_its_certificates_are_fetched():
    keyless = {name: value for name, value in MERCHANT.items() if "PUBLIC_KEY" not in name}
    assert read(ACCOUNT, keyless).wechatpay_public_key == ""
    for alone in ("PUBLIC_KEY", "PUBLIC_KEY_ID"):
        name = f"EIDER_WECHATPAY_{alone}"
        assert problems(ACCOUNT, keyless, {name: MERCHANT[name]})


def test_wechat_pay_reaches_a_shop_by_https():
    (problem,) = problems(ACCOUNT, MERCHANT, PUBLIC_URL="http://eider.example")
    assert problem.startswith("EIDER_PUBLIC_URL: must begin with https://")
    assert read(ACCOUNT, MERCHANT, PUBLIC_URL="https://eider.example").wechatpay_merchant_id
    assert read(ACCOUNT, PUBLIC_URL="http://eider.example").wechat_app_id


def test_only_a_double_on_this_machine_reaches_a_shop_on_it():
    """The public address that nobody set is this machine's: WeChat Pay would never call there."""
    here = {"EIDER_PUBLIC_URL": "http://127.0.0.1:8080"}
    (problem,) = problems(ACCOUNT, MERCHANT, here)
    assert problem.startswith("EIDER_PUBLIC_URL: must begin with https://")
    double = {"EIDER_WECHATPAY_API_URL": "http://localhost:8090"}
    assert read(ACCOUNT, MERCHANT, here, double).wechatpay_merchant_id
    assert problems(ACCOUNT, MERCHANT, double, PUBLIC_URL="http://eider.example")


@pytest.mark.parametrize(
    "alone",
    [
        {"EIDER_WECHAT_AES_KEY": "x" * 43},
        {"EIDER_WECHAT_TEMPLATE_ID": "t" * 43},
        {"EIDER_WECHAT_DOMAIN_FILE": "MP_verify_abc.txt"},
        MERCHANT,
    ],
)
def test_what_belongs_to_an_account_wants_one(alone):
    assert any(one.startswith("EIDER_WECHAT_APP_ID: is missing") for one in problems(alone))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WECHAT_APP_ID", "gh_0123456789ab"),
        ("WECHAT_SECRET", "short"),
        ("WECHAT_TOKEN", "to ken"),
        ("WECHAT_AES_KEY", "x" * 42),
        ("WECHAT_AES_KEY", "x" * 42 + "="),
        ("WECHAT_DOMAIN_FILE", "../../etc/passwd"),
        ("WECHAT_DOMAIN_FILE", "MP_verify_a/b.txt"),
        ("WECHATPAY_MERCHANT_ID", "shop"),
        ("WECHATPAY_SERIAL", "xyz"),
        ("WECHATPAY_API_V3_KEY", "x" * 31),
        ("WECHATPAY_API_V3_KEY", "x" * 33),
        ("WECHATPAY_API_V3_KEY", "é" * 16),
        ("WECHATPAY_API_V3_KEY", "x" * 31 + " "),
        ("WECHATPAY_PUBLIC_KEY_ID", "0119000000012024!"),
        ("WECHATPAY_PRIVATE_KEY", "/nowhere/key.pem"),
        ("WECHATPAY_PRIVATE_KEY", PUBLIC),
        ("WECHATPAY_PUBLIC_KEY", PRIVATE),
        ("WECHATPAY_PUBLIC_KEY", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"),
    ],
)
def test_what_is_not_as_the_console_shows_it_is_named_without_its_value(name, value):
    (problem,) = problems(ACCOUNT, MERCHANT, **{name: value})
    assert problem.startswith(f"EIDER_{name}: ")
    assert value not in problem


def test_keys_of_other_kinds_and_those_with_a_password_are_refused():
    curve = ec.generate_private_key(ec.SECP256R1())
    other = curve.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    locked = KEY.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"x")
    ).decode()
    for pem in (other, locked):
        (problem,) = problems(ACCOUNT, MERCHANT, WECHATPAY_PRIVATE_KEY=pem)
        assert problem.startswith("EIDER_WECHATPAY_PRIVATE_KEY: is no RSA private key")


def test_a_key_is_a_path_or_pem_with_its_line_breaks_written_out(tmp_path: Path):
    path = tmp_path / "key.pem"
    path.write_text(PRIVATE)
    ways = (str(path), PRIVATE, PRIVATE.replace("\n", "\\n"))
    keys = {
        read(ACCOUNT, MERCHANT, WECHATPAY_PRIVATE_KEY=way).wechatpay_private_key for way in ways
    }
    assert {one.strip() for one in keys} == {PRIVATE.strip()}


def test_a_platform_certificate_stands_for_its_key():
    for id in ("0aB5157F09", "AB5157F09"):
        settings = read(
            ACCOUNT, MERCHANT, WECHATPAY_PUBLIC_KEY=certificate(0xAB5157F09),
            WECHATPAY_PUBLIC_KEY_ID=id,
        )  # fmt: skip
        assert settings.wechatpay_public_key.startswith("-----BEGIN CERTIFICATE-----")


@pytest.mark.parametrize(
    ("id", "why"), [("PUB_KEY_ID_0119000000012024", "names a public key"), ("AB" * 20, "is not")]
)
def test_a_certificate_is_named_by_its_own_serial(id, why):
    (problem,) = problems(
        ACCOUNT, MERCHANT, WECHATPAY_PUBLIC_KEY=certificate(0xAB5157F09), WECHATPAY_PUBLIC_KEY_ID=id
    )
    assert problem.startswith(f"EIDER_WECHATPAY_PUBLIC_KEY_ID: {why}")
    assert "AB5157F09" in problem

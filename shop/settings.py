"""Everything that an operator may choose, read once from the environment and checked at start.

The only reader of the environment in the product's processes. Composition roots hand the frozen
:class:`Settings` down; ``docs/operate.md`` lists the variables, and a wrong one is reported
together with all the others. How each is parsed stands in :mod:`shop.setting_values`.
"""

import base64
import os
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from shop import environment
from shop import setting_keys as keys
from shop import setting_values as values
from shop.environment import Rule, SettingsError, variable
from shop.records.clip_encoders import ClipEncoder
from shop.secret_checks import KEY_BYTES
from shop.setting_values import socket_path, socket_url

__all__ = ["Settings", "SettingsError", "SettingsRule", "socket_path", "socket_url"]

SettingsRule = Rule["Settings"]


class Settings(BaseSettings):
    """The configuration of one deployment. Frozen; secrets, and addresses that may hold one, are
    not in its repr.

    A field is read from ``EIDER_`` and its name, unless it names another variable. Durations say
    their unit in their name; those named ``_timeout`` are in seconds. ``admins`` are
    ``platform:id``. ``redis_url`` is that of the embedded server where none is given.
    """

    model_config = SettingsConfigDict(
        frozen=True, extra="ignore", case_sensitive=True, alias_generator=variable
    )

    data_dir: Annotated[Path, AfterValidator(values.absolute)] = Field(
        Path("./var"), validation_alias="EIDER_DATA"
    )
    blobs_url: Annotated[str, AfterValidator(values.blobs_url)] = ""  # "": in the data folder
    blobs_endpoint: values.OptionalWebUrl = ""  # "": Amazon's
    blobs_region: str = "us-east-1"
    blobs_key_id: str = Field("", repr=False)
    blobs_secret_key: str = Field("", repr=False)
    database_url: Annotated[str, AfterValidator(values.database_url)] = Field("", repr=False)
    migrate_at_start: Annotated[str, values.one_of("", "yes", "no")] = ""  # "": SQLite alone
    redis_url: Annotated[str, AfterValidator(values.redis_url)] = Field("", repr=False)
    master_key: Annotated[bytes, BeforeValidator(keys.master_key)] = Field(b"", repr=False)
    master_key_old: Annotated[bytes, BeforeValidator(keys.master_key_old)] = Field(b"", repr=False)
    signing_key: Annotated[bytes, BeforeValidator(keys.signing_key)] = Field(b"", repr=False)
    backup_key: keys.BackupKeys = ()  # public: whose private keys open the backups
    backup_url: Annotated[str, AfterValidator(keys.backup_place)] = ""
    label_keys: str = ""  # a folder, or "none"; the chat side alone looks into it
    telegram_token: Annotated[str, AfterValidator(values.telegram_token)] = Field("", repr=False)
    telegram_api_url: values.WebUrl = "https://api.telegram.org"
    telegram_local: values.Flag = (
        False  # that address is a Bot API server of one's own, in local mode
    )
    telegram_webhook_url: Annotated[str, AfterValidator(values.webhook_url)] = ""
    telegram_webhook_secret: Annotated[str, AfterValidator(keys.webhook_secret)] = Field(
        "", repr=False
    )
    telegram_per_second: Annotated[int, values.whole(1, 10_000)] = 30  # messages, over all chats
    stars_avatar: Annotated[int, values.whole(0, 10_000)] = 0  # Stars; 0: nothing is sold for them
    stars_credits: Annotated[int, values.whole(0, 10_000)] = (
        0  # for the first pack; 0: the catalogue's
    )
    wechat_app_id: Annotated[str, AfterValidator(values.wechat_app_id)] = ""
    wechat_secret: Annotated[str, AfterValidator(values.wechat_secret)] = Field("", repr=False)
    wechat_token: Annotated[str, AfterValidator(values.wechat_token)] = Field("", repr=False)
    wechat_aes_key: Annotated[str, AfterValidator(values.wechat_aes_key)] = Field("", repr=False)
    wechat_api_url: values.WebUrl = "https://api.weixin.qq.com"
    wechat_template_id: Annotated[str, AfterValidator(values.wechat_template_id)] = ""
    wechat_domain_file: Annotated[str, AfterValidator(values.wechat_domain_file)] = ""
    wechatpay_merchant_id: Annotated[str, AfterValidator(values.wechatpay_merchant_id)] = ""
    wechatpay_serial: Annotated[str, AfterValidator(values.certificate_serial)] = ""
    wechatpay_private_key: Annotated[str, AfterValidator(values.rsa_private_key)] = Field(
        "", repr=False
    )
    wechatpay_api_v3_key: Annotated[str, AfterValidator(values.wechatpay_api_v3_key)] = Field(
        "", repr=False
    )
    wechatpay_public_key_id: Annotated[str, AfterValidator(values.wechatpay_key_id)] = ""
    wechatpay_public_key: Annotated[str, AfterValidator(values.rsa_public_key)] = Field(
        "", repr=False
    )
    wechatpay_api_url: values.WebUrl = "https://api.mch.weixin.qq.com"
    base: str = "mini"
    video_base: str = ""  # "": clips are made by the embedded animator alone
    bases_dir: Annotated[Path | None, AfterValidator(values.folder)] = Field(
        None, validation_alias="EIDER_BASES"
    )
    studio_bases: values.Names = frozenset()  # a worker's; none: it takes work of every base
    allow_noncommercial: values.Flag = False
    device: Annotated[str, AfterValidator(values.device)] = "cpu"
    torch_threads: Annotated[int, values.whole(0, 256)] = 0
    playground: values.Flag = False
    till: Annotated[str, values.one_of("", "sandbox")] = ""  # "": whichever a channel brings
    sandbox_till_secret: Annotated[bytes, BeforeValidator(keys.till_secret)] = Field(
        b"", repr=False
    )
    public_url: values.WebUrl = "http://127.0.0.1:8080"
    host: str = "127.0.0.1"
    port: Annotated[int, values.whole(0, 65535)] = 8080
    allowed_hosts: values.Hosts = frozenset()  # beside those of `public_url` and the webhook
    trusted_proxies: values.Networks = ()  # whose X-Forwarded-For is believed
    connections: Annotated[int, values.whole(10, 100_000)] = 2000  # open at the same time
    connections_per_address: Annotated[int, values.whole(1, 100_000)] = 200
    health_host: str = "127.0.0.1"
    health_port: Annotated[int, values.whole(0, 65535)] = (
        0  # 0: neither health nor metrics are served
    )
    admins: values.Admins = Field(frozenset(), repr=False)
    content_producer: str = "Eider"
    photos_asked: Annotated[int, values.whole(1, 100)] = 20
    photos_maximum: Annotated[int, values.whole(1, 200)] = 30
    photos_minimum: Annotated[int, values.whole(1, 100)] = 12
    decoders: Annotated[int, values.whole(1, 32)] = 2
    max_wait_minutes: Annotated[int, values.whole(1, 7 * 24 * 60)] = 180
    sales_need: values.SalesNeed = frozenset(values.SALES_NEED)
    absent_seconds: Annotated[int, values.whole(60, 24 * 3600)] = 180
    lease_seconds: Annotated[int, values.whole(2, 600)] = 30
    check_timeout: Annotated[int, values.whole(5, 3600)] = 60
    compare_timeout: Annotated[int, values.whole(5, 3600)] = 120
    train_timeout: Annotated[int, values.whole(10, 24 * 3600)] = 3600
    paint_timeout: Annotated[int, values.whole(10, 24 * 3600)] = 600
    prepare_timeout: Annotated[int, values.whole(5, 3600)] = 60
    film_timeout: Annotated[int, values.whole(10, 24 * 3600)] = 300
    video_timeout: Annotated[int, values.whole(10, 24 * 3600)] = 3600
    clip_encoder: Annotated[str, values.one_of(*ClipEncoder)] = ClipEncoder.X264.value
    upload_hours: Annotated[int, values.whole(1, 24 * 30)] = 24
    limit_percent: Annotated[int, values.whole(0, 100_000)] = (
        100  # of handlers.limits; 0: no limits
    )
    time_zone: Annotated[str, AfterValidator(values.time_zone)] = "UTC"
    traces_url: values.OptionalWebUrl = ""  # an OTLP collector's, by HTTP; "": nothing is traced
    log_format: Annotated[str, values.one_of("console", "json")] = "console"

    @classmethod
    def from_env(
        cls, env: Mapping[str, str] = os.environ, rules: Sequence[SettingsRule] = ()
    ) -> "Settings":
        """Read the variables ``EIDER_...``, and apply ``rules`` to what they say.

        Raises :class:`SettingsError` with all that is wrong: values, names that are no variable's,
        and what the rules find.
        """
        stand_ins = {"EIDER_MASTER_KEY": base64.b64encode(os.urandom(KEY_BYTES)).decode()}
        return environment.read(
            cls, env, (_photo_counts, _bucket_whole, _wechat_whole, *rules), stand_ins
        )

    @property
    def master_keys(self) -> tuple[bytes, ...]:
        """The master key, and beside it the old one while that is being changed."""
        return (self.master_key, self.master_key_old) if self.master_key_old else (self.master_key,)

    @property
    def embedded(self) -> bool:
        """Whether no Redis was named: whoever starts the processes then starts one for them."""
        return "redis_url" not in self.model_fields_set

    @property
    def migrates_at_start(self) -> bool:
        """Whether a process that starts brings the tables up to date: a database on one machine's
        disk by itself, one that others may be at work on where the settings say so."""
        is_file = self.database_url.startswith("sqlite")
        return self.migrate_at_start == "yes" or (is_file and not self.migrate_at_start)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - pydantic-settings' own signature
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what :meth:`from_env` was given: never the process's own environment beside it."""
        return (init_settings,)


def _photo_counts(settings: Settings) -> Iterator[str]:
    for low, high in pairwise(("photos_minimum", "photos_asked", "photos_maximum")):
        least, most = getattr(settings, low), getattr(settings, high)
        if (
            least > most
            and high in settings.model_fields_set
            and low not in settings.model_fields_set
        ):
            yield f"{variable(high)}: {most} is less than {variable(low)}, which is {least}"
        elif least > most:
            yield f"{variable(low)}: {least} is more than {variable(high)}, which is {most}"


def _bucket_whole(settings: Settings) -> Iterator[str]:
    """Its keys are given both or not at all, and nothing of it without the bucket."""
    keys = ("blobs_key_id", "blobs_secret_key")
    for one, other in (keys, keys[::-1]):
        if getattr(settings, one) and not getattr(settings, other):
            yield f"{variable(other)}: is missing, and {variable(one)} is nothing without it"
    given = [
        one for one in ("blobs_endpoint", "blobs_region", *keys) if one in settings.model_fields_set
    ]
    in_bucket = settings.blobs_url or settings.backup_url.startswith("s3://")
    if given and not in_bucket:
        yield f"{variable('blobs_url')}: is missing, and {variable(given[0])} is nothing without it"


WECHAT_ACCOUNT: Final = ("wechat_app_id", "wechat_secret", "wechat_token")
WECHAT_MERCHANT: Final = (
    "wechatpay_merchant_id", "wechatpay_serial", "wechatpay_private_key", "wechatpay_api_v3_key",
)  # fmt: skip
WECHATPAY_KEY: Final = ("wechatpay_public_key_id", "wechatpay_public_key")


def _wechat_whole(settings: Settings) -> Iterator[str]:
    """An account is given whole, or not at all; so is a merchant, who belongs to an account, and so
    is a key by which WeChat Pay is verified, without which its certificates are fetched."""
    beside = ("wechat_aes_key", "wechat_template_id", "wechat_domain_file")
    for needed, others in (
        (WECHAT_ACCOUNT, beside),
        (WECHAT_MERCHANT, WECHATPAY_KEY),
        (WECHATPAY_KEY, ()),
    ):
        given = [one for one in (*needed, *others) if getattr(settings, one)]
        for one in needed if given else ():
            if not getattr(settings, one):
                yield f"{variable(one)}: is missing, and {variable(given[0])} is nothing without it"
    if settings.wechatpay_merchant_id and not _is_reached_safely(settings):
        yield f"{variable('public_url')}: must begin with https://, or WeChat Pay takes no bill"
    if settings.wechatpay_public_key_id and (wrong := _key_is_anothers(settings)):
        yield f"{variable('wechatpay_public_key_id')}: {wrong}"
    if settings.wechatpay_merchant_id and not settings.wechat_app_id:
        yield (
            f"{variable('wechat_app_id')}: is missing, and "
            f"{variable('wechatpay_merchant_id')} is nothing without it"
        )


def _is_reached_safely(settings: Settings) -> bool:
    """By HTTPS; or on this machine, if WeChat Pay is a double on it as well."""
    return urlsplit(settings.public_url).scheme == "https" or all(
        urlsplit(url).hostname in ("127.0.0.1", "localhost", "::1")
        for url in (settings.public_url, settings.wechatpay_api_url)
    )


def _key_is_anothers(settings: Settings) -> str:
    """Why the key that is set cannot be the one that its id names; "" where it can."""
    id, serial = (
        settings.wechatpay_public_key_id,
        values.platform_serial(settings.wechatpay_public_key),
    )
    if not serial or id.upper().lstrip("0") == serial:
        return ""
    key = variable("wechatpay_public_key")
    if id.startswith(values.PUBLIC_KEY_ID):
        return f"names a public key, and {key} is a platform certificate: name its serial {serial}"
    return f"is not the serial of the certificate in {key}, which is {serial}"

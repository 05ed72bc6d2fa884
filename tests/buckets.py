"""Doubles of S3 on 127.0.0.1: moto's server, and npm's s3rver where it is installed. Amazon's own
client, of none of our code, prepares buckets and looks into them."""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from moto.server import ThreadedMotoServer

from bot.demo.environment import free_port
from shop.adapters.blobs_s3 import S3Blobs, open_bucket

KEYS = "S3RVER"  # which s3rver wants as both of its keys, and moto does not look at
_NUMBERS = count(1)


class NoS3rver(Exception):
    """It cannot be had here; the text says why."""


@dataclass(frozen=True)
class BucketServer:
    url: str

    @property
    def client(self) -> Any:
        return boto3.client(
            "s3", endpoint_url=self.url, region_name="us-east-1", aws_access_key_id=KEYS,
            aws_secret_access_key=KEYS,
            config=Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}),
        )  # fmt: skip

    def new_bucket(self) -> str:
        name = f"bucket-{next(_NUMBERS)}"
        self.client.create_bucket(Bucket=name)
        return name

    def store(self, url: str, **limits: float) -> S3Blobs:
        """Of a bucket, or of a prefix in one, such as ``s3://bucket-1/eider``."""
        return S3Blobs(open_bucket(url, endpoint=self.url, key_id=KEYS, secret_key=KEYS, **limits))

    def empty_store(self) -> S3Blobs:
        """A prefix in a bucket of its own, in which somebody else's objects lie beside it."""
        bucket = self.new_bucket()
        for key in ("uploads/o1/p1", "eiderdown/uploads/o1/p1", "eider2"):
            self.client.put_object(Bucket=bucket, Key=key, Body=b"somebody else's")
        return self.store(f"s3://{bucket}/eider")

    def env(self, url: str) -> dict[str, str]:
        """The variables of a house whose blobs lie there."""
        return {
            "EIDER_BLOBS_URL": url,
            "EIDER_BLOBS_ENDPOINT": self.url,
            "EIDER_BLOBS_KEY_ID": KEYS,
            "EIDER_BLOBS_SECRET_KEY": KEYS,
        }


@contextmanager
def moto_server() -> Iterator[BucketServer]:
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    try:
        yield BucketServer(f"http://{host}:{port}")
    finally:
        server.stop()


@contextmanager
def s3rver_server() -> Iterator[BucketServer]:
    """Raises :class:`NoS3rver` where it is not on the path."""
    program = shutil.which("s3rver")
    if program is None:
        raise NoS3rver("s3rver is not installed (npm install --global s3rver)")
    port, folder = free_port(0), tempfile.mkdtemp(prefix="eider-s3rver-")
    arguments = ("--address", "127.0.0.1", "--port", str(port), "--directory", folder, "--silent")
    process = subprocess.Popen([program, *arguments], stdout=subprocess.DEVNULL)
    server = BucketServer(f"http://127.0.0.1:{port}")
    try:
        for _ in range(100):
            try:
                server.client.list_buckets()
                break
            except (BotoCoreError, ClientError):
                time.sleep(0.1)
        yield server
    finally:
        process.kill()
        process.wait()
        shutil.rmtree(Path(folder), ignore_errors=True)

"""Which store of blobs the settings name."""

from shop.adapters.blobs_disk import DiskBlobs
from shop.adapters.blobs_s3 import S3Blobs, open_bucket
from shop.ports import Blobs
from shop.settings import Settings


def open_blobs(settings: Settings) -> Blobs:
    """A bucket, or else the folder ``blobs`` in the data folder. Connects later."""
    if not settings.blobs_url:
        return DiskBlobs(settings.data_dir / "blobs")
    return S3Blobs(
        open_bucket(
            settings.blobs_url,
            endpoint=settings.blobs_endpoint,
            region=settings.blobs_region,
            key_id=settings.blobs_key_id,
            secret_key=settings.blobs_secret_key,
        )
    )

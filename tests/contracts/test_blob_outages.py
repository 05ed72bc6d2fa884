"""A disk that fails is an outage, and nothing on it is taken for absent or removed."""

import errno
import os
import resource
import shutil
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest

from shop.adapters.blobs_disk import DiskBlobs
from shop.errors import NotFound, Unavailable
from tests.broken_disk import BROKEN, broken_disk

KEPT = "uploads/o1/p1"
Operation = Callable[[DiskBlobs], Awaitable[object]]


async def walked(blobs: DiskBlobs) -> list[str]:
    return [path async for path in blobs.walk("uploads")]


OPERATIONS: dict[str, Operation] = {
    "put": lambda blobs: blobs.put("uploads/o2/p2", b"new"),
    "get": lambda blobs: blobs.get(KEPT),
    "remove": lambda blobs: blobs.remove("uploads/o1"),
    "walk": walked,
    "remove_drafts": lambda blobs: blobs.remove_drafts(timedelta(hours=-1)),
}
WRITING = frozenset({"put", "remove"})


def fails(operation: str, number: int) -> bool:
    """Whether a disk with that fault cannot do it: a full one can remove, a read-only one read."""
    if number == errno.ENOSPC:
        return operation == "put"
    return number != errno.EROFS or operation in WRITING


@pytest.fixture
async def blobs(tmp_path: Path) -> DiskBlobs:
    blobs = DiskBlobs(tmp_path / "blobs")
    await blobs.put(KEPT, b"sealed")
    return blobs


@pytest.mark.parametrize("number", BROKEN, ids=errno.errorcode.get)
@pytest.mark.parametrize("operation", OPERATIONS)
async def test_every_error_of_the_disk_is_an_outage(
    blobs: DiskBlobs, tmp_path: Path, operation: str, number: int
) -> None:
    ask = OPERATIONS[operation]
    with broken_disk(tmp_path / "blobs", number):
        if not fails(operation, number):
            await ask(blobs)
            return
        with pytest.raises(Unavailable) as outage:
            await ask(blobs)
    said = str(outage.value)
    assert errno.errorcode[number] in said
    assert operation in said
    assert "uploads" not in said
    assert str(tmp_path) not in said
    assert await blobs.get(KEPT) == b"sealed", "nothing was harmed"
    await ask(blobs)


async def test_a_full_disk_is_freed_of_its_drafts(blobs: DiskBlobs, tmp_path: Path) -> None:
    draft = tmp_path / "blobs/uploads/o1/.p9.killed"
    draft.write_bytes(b"half a ph")
    with broken_disk(tmp_path / "blobs", errno.ENOSPC):
        assert await blobs.remove_drafts(timedelta(hours=-1)) == 1
    assert not draft.exists()


async def test_a_disk_that_fills_up_in_the_middle_of_a_blob(
    blobs: DiskBlobs, tmp_path: Path
) -> None:
    """The kernel's own refusal: a process may be forbidden to write longer files."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    try:
        with pytest.raises(Unavailable, match="put, EFBIG"):
            await blobs.put(KEPT, b"x" * 100_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert await blobs.get(KEPT) == b"sealed"
    assert [path.name for path in (tmp_path / "blobs/uploads/o1").iterdir()] == ["p1"]


@pytest.mark.parametrize("left", ["nothing", "a file"])
@pytest.mark.parametrize("operation", OPERATIONS)
async def test_a_store_that_is_taken_away_is_not_empty(
    blobs: DiskBlobs, tmp_path: Path, operation: str, left: str
) -> None:
    """Its disk is not mounted any more: a new store in its place would be on another one."""
    root = tmp_path / "blobs"
    root.rename(tmp_path / "away")
    if left == "a file":
        root.touch()
    with pytest.raises(Unavailable):
        await OPERATIONS[operation](blobs)
    if left == "a file":
        root.unlink()
    assert not root.exists()
    (tmp_path / "away").rename(root)
    assert await blobs.get(KEPT) == b"sealed"


@pytest.mark.parametrize("stands", ["nothing", "another store"])
@pytest.mark.parametrize("operation", OPERATIONS)
async def test_what_stands_in_the_place_of_a_bound_store_is_an_outage(
    blobs: DiskBlobs, tmp_path: Path, operation: str, stands: str
) -> None:
    """An unmounted disk leaves an empty folder behind, and another may be mounted over it."""
    await blobs.put("installation/id", b"ours")
    blobs.bind("installation/id", b"ours")
    await OPERATIONS["walk"](blobs)
    root = tmp_path / "blobs"
    root.rename(tmp_path / "away")
    root.mkdir()
    other = DiskBlobs(root)
    if stands == "another store":
        await other.put("installation/id", b"theirs")
        await other.put(KEPT, b"of somebody else")
    before = [path async for path in other.walk("")]
    with pytest.raises(Unavailable, match="ENODEV"):
        await OPERATIONS[operation](blobs)
    assert [path async for path in other.walk("")] == before
    shutil.rmtree(root)
    (tmp_path / "away").rename(root)
    assert await blobs.get(KEPT) == b"sealed"


async def test_a_store_that_is_taken_away_while_it_is_written_has_stored_nothing(
    blobs: DiskBlobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await blobs.put("installation/id", b"ours")
    blobs.bind("installation/id", b"ours")
    root, replace = tmp_path / "blobs", os.replace

    def taken_away(source: Path, target: Path) -> None:
        replace(source, target)
        root.rename(tmp_path / "away")
        root.mkdir()

    monkeypatch.setattr(os, "replace", taken_away)
    with pytest.raises(Unavailable):
        await blobs.put(KEPT, b"new")


async def test_a_store_that_never_was_is_empty(tmp_path: Path) -> None:
    """A new house: whether it should be there is asked at the start, not here."""
    fresh = DiskBlobs(tmp_path / "blobs")
    with pytest.raises(NotFound):
        await fresh.get(KEPT)
    assert await walked(fresh) == []
    assert await fresh.remove("uploads") == 0

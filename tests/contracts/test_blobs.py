"""What every store of blobs must do, and what the disk's must do besides."""

import asyncio
import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from shop.adapters.blobs_disk import DiskBlobs
from shop.adapters.memory import MemoryBlobs
from shop.errors import Duplicate, NotFound
from shop.ports import Blobs


async def paths(blobs: Blobs, prefix: str = "") -> list[str]:
    return [path async for path in blobs.walk(prefix)]


async def test_put_get_replace(blobs: Blobs) -> None:
    await blobs.put("uploads/o1/p1", b"sealed")
    assert await blobs.get("uploads/o1/p1") == b"sealed"
    await blobs.put("uploads/o1/p1", b"")
    assert await blobs.get("uploads/o1/p1") == b""


async def test_of_several_that_create_one_does(
    blobs: Blobs, request: pytest.FixtureRequest
) -> None:
    if "s3rver" in request.node.name:
        pytest.skip("s3rver does not look at If-None-Match")
    tries = [blobs.create("installation/id", b"%d" % one) for one in range(4)]
    refused = await asyncio.gather(*tries, return_exceptions=True)
    assert [type(one) for one in refused].count(Duplicate) == 3
    assert await blobs.get("installation/id") == b"%d" % refused.index(None)
    assert await paths(blobs) == ["installation/id"]


async def test_what_is_there_is_not_created_anew(blobs: Blobs) -> None:
    await blobs.create("installation/id", b"first")
    with pytest.raises(Duplicate):
        await blobs.create("installation/id", b"late")
    assert await blobs.get("installation/id") == b"first"
    await blobs.put("installation/id", b"replaced")
    assert await blobs.get("installation/id") == b"replaced"


@pytest.mark.parametrize("path", ["uploads/o1/p2", "uploads/o1", "uploads/o1/p1/deeper", "x"])
async def test_what_is_not_there(blobs: Blobs, path: str) -> None:
    await blobs.put("uploads/o1/p1", b"sealed")
    with pytest.raises(NotFound):
        await blobs.get(path)


async def test_remove_takes_whole_parts_of_a_path(blobs: Blobs) -> None:
    for path in ("uploads/o1/p1", "uploads/o1/p2", "uploads/o11/p1", "avatars/o1/lora"):
        await blobs.put(path, b"sealed")
    assert await blobs.remove("uploads/o1") == 2
    assert await paths(blobs) == ["avatars/o1/lora", "uploads/o11/p1"]
    assert await blobs.remove("uploads/o11/p1") == 1
    assert await blobs.remove("uploads/o11/p1") == 0
    assert await blobs.remove("uploads") == 0
    await blobs.put("uploads/o1/p1", b"again")
    assert await paths(blobs, "uploads") == ["uploads/o1/p1"]


async def test_what_is_whole_is_no_draft(blobs: Blobs) -> None:
    await blobs.put("a/b/c", b"sealed")
    assert await blobs.remove_drafts(timedelta()) == 0
    assert await blobs.get("a/b/c") == b"sealed"


async def test_walk_looks_below_a_part(blobs: Blobs) -> None:
    for path in ("a/b/c", "a/bb", "ab"):
        await blobs.put(path, b"")
    assert await paths(blobs, "a") == ["a/b/c", "a/bb"]
    assert await paths(blobs, "a/b") == ["a/b/c"]
    assert await paths(blobs, "ab") == ["ab"]
    assert await paths(blobs, "none") == []


@pytest.mark.parametrize(
    "path",
    [
        *("../x", "a/../../x", "/etc/passwd", "a//b", "a/", ".", "..", ".hidden", "a/.x"),
        *("", "a\0b", "ä", "a\\b", "a b", "x" * 200, "a\n"),
    ],
)
async def test_no_path_leads_out(blobs: Blobs, path: str) -> None:
    with pytest.raises(ValueError, match="path"):
        await blobs.put(path, b"")
    with pytest.raises(ValueError, match="path"):
        await blobs.get(path)
    with pytest.raises(ValueError, match="path"):
        await blobs.remove(path)
    assert await paths(blobs) == []


_parts = st.sampled_from(["a", "b", "ab"])
_paths = st.tuples(_parts, _parts, _parts).map("/".join)
_prefixes = st.lists(_parts, min_size=1, max_size=3).map("/".join)
_steps = st.one_of(
    st.tuples(st.just("put"), _paths, st.binary(max_size=9)),
    st.tuples(st.just("remove"), _prefixes, st.none()),
)


@settings(
    max_examples=30,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=st.lists(_steps, max_size=12))
async def test_the_disk_does_as_the_memory(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, str, bytes | None]]
) -> None:
    root = tmp_path_factory.mktemp("blobs")
    disk, model = DiskBlobs(root), MemoryBlobs()
    for step, path, data in steps:
        if step == "put":
            assert data is not None
            await disk.put(path, data)
            await model.put(path, data)
        else:
            assert await disk.remove(path) == await model.remove(path)
        found = await paths(model)
        assert await paths(disk) == found
        assert [await disk.get(path) for path in found] == [await model.get(path) for path in found]
        folders = {p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_dir()}
        assert folders == {"/".join(p.split("/")[:n]) for p in found for n in (1, 2)}


async def test_files_are_their_owners_alone(tmp_path: Path) -> None:
    await DiskBlobs(tmp_path / "blobs").put("uploads/o/p", b"sealed")
    made = [tmp_path / "blobs", *(tmp_path / "blobs").rglob("*")]
    modes = {stat.S_IMODE(path.stat().st_mode) for path in made if path.is_dir()}
    assert modes == {0o700}
    assert stat.S_IMODE((tmp_path / "blobs/uploads/o/p").stat().st_mode) == 0o600


async def test_drafts_of_a_killed_writer_are_no_blobs_and_go_with_the_rest(tmp_path: Path) -> None:
    blobs = DiskBlobs(tmp_path)
    await blobs.put("uploads/o/p", b"sealed")
    (tmp_path / "uploads/o/.p.x7").write_bytes(b"half")
    (tmp_path / "uploads/o/.q.x8").write_bytes(b"half")
    assert await paths(blobs) == ["uploads/o/p"]
    assert await blobs.remove("uploads/o/p") == 1
    assert not (tmp_path / "uploads/o/.p.x7").exists()
    await blobs.remove("uploads/o")
    assert list(tmp_path.iterdir()) == []


async def test_old_drafts_go_alone_and_new_ones_stay_with_their_writers(tmp_path: Path) -> None:
    """One of a worker that wrote after everything else of its person had been removed."""
    blobs, now = DiskBlobs(tmp_path), datetime.now(UTC)
    await blobs.put("avatars/a/lora-0", b"sealed")
    for folder, age in (("a/training", 2), ("b/training", 2), ("a", 0)):
        (tmp_path / "avatars" / folder).mkdir(parents=True, exist_ok=True)
        draft = tmp_path / "avatars" / folder / ".state.x7"
        draft.write_bytes(b"half")
        then = (now - timedelta(hours=age)).timestamp()
        os.utime(draft, (then, then))
    assert await blobs.remove_drafts(timedelta(hours=1)) == 2
    left = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")}
    assert left == {"avatars", "avatars/a", "avatars/a/lora-0", "avatars/a/.state.x7"}


async def test_a_failed_write_leaves_the_old_blob(tmp_path: Path) -> None:
    blobs = DiskBlobs(tmp_path)
    await blobs.put("a/b", b"old")
    with pytest.raises(TypeError):
        await blobs.put("a/b", "no bytes")  # type: ignore[arg-type]
    assert await blobs.get("a/b") == b"old"
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["b"]

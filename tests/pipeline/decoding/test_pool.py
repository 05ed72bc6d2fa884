"""The decoder pool, with its real processes."""

import asyncio
import io
import os
import platform
import signal
import sys
import zlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageStat

from benchmarks.decoding import hostile
from pipeline.decoding.decoder_process import DecoderProcess
from pipeline.decoding.messages import Decoded, DecodeRefusal, DecoderLimits, Heavy
from pipeline.decoding.photo_sheet import MOST
from pipeline.decoding.pool import DecoderPool
from shop.errors import PhotoBomb, PhotoRefused, PhotoTooSmall, PhotoUnreadable, Unavailable
from shop.labels.verification import LabelFindings
from shop.photos.decoding import SheetTile
from tests.pipeline.decoding.test_sanitizer import HEIC

HONEST = {
    **{kind: (kind, {}) for kind in ("JPEG", "PNG", "WEBP", "AVIF")},
    "progressive": ("JPEG", {"progressive": True}),
}


@asynccontextmanager
async def a_pool(processes: int = 1, **limits: float) -> AsyncIterator[DecoderPool]:
    async with DecoderPool(processes, DecoderLimits(**limits)) as pool:
        yield pool


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(30):
        while not condition():
            await asyncio.sleep(0.01)


async def test_every_format_is_decoded_in_the_sandbox():
    async with a_pool() as pool:
        for kind, options in HONEST.values():
            photo = await pool.decode(hostile.honest(kind, 512, **options), "anna")
            assert (photo.width, photo.height) == (512, 512)
            assert photo.jpeg.startswith(b"\xff\xd8")
        heic = await pool.decode(HEIC, "anna")
        assert (heic.width, heic.height) == (256, 320)
        first = pool.pids
        assert len(first) == 1
        with pytest.raises(PhotoTooSmall) as small:
            await pool.decode(hostile.honest("PNG", 64), "anna")
        assert small.value.details == {"minimum": 256}
        assert pool.pids == first  # a refusal costs no process


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="wants Linux's /proc")
async def test_a_decoder_holds_nothing_that_is_ours(monkeypatch):
    monkeypatch.setenv("EIDER_MASTER_KEY", "PLANTED-KEY")
    async with a_pool() as pool:
        await pool.decode(hostile.honest(side=512), "anna")
        (pid,) = pool.pids
        home = Path(f"/proc/{pid}")
        assert b"PLANTED" not in (home / "environ").read_bytes()
        held = {os.readlink(one).partition(":")[0] for one in (home / "fd").iterdir()}
        assert held <= {"pipe", "socket", "/dev/null", f"/proc/{pid}/statm"}  # to us alone
        limits = (home / "limits").read_text("ascii")
        for name in ("Max open files", "Max file size", "Max core file size"):
            line = next(one for one in limits.splitlines() if one.startswith(name))
            assert line.split(name)[1].split()[:2] == ["0", "0"], line
        status = dict(
            line.split(":\t", 1) for line in (home / "status").read_text("ascii").splitlines()
        )
        assert "0" not in status["Uid"].split()
        assert int(status["CapEff"], 16) == 0


@pytest.mark.parametrize("kind", list(hostile.all_of_them()))
async def test_hostile_files_are_refused(kind):
    async with a_pool() as pool:
        with pytest.raises(PhotoRefused):
            await pool.decode(hostile.all_of_them()[kind], "mallory")
        (before,) = pool.pids
        await pool.decode(hostile.honest(side=512), "anna")
        assert pool.pids == {before}  # the headers were enough: nothing had to be killed


@pytest.mark.parametrize("limits", [{"wall": 0.02}, {"memory": 64 * 2**20}], ids=["time", "memory"])
async def test_what_costs_more_than_it_may_is_ended(limits):
    async with a_pool(quick=0.001, **limits) as pool:
        with pytest.raises(PhotoBomb):
            await pool.decode(hostile.honest("PNG", 3200), "mallory")
    async with a_pool() as pool:
        await pool.decode(hostile.honest("PNG", 3200), "anna")


async def test_cpu_time_is_ended_by_the_kernel():
    """Of a process that its parent has no time to look at: the limit stands in the process."""
    async with a_pool(cpu=0, wall=60.0, quick=60.0) as pool:
        with pytest.raises(PhotoBomb):  # a scan more, and its headers would be enough
            await pool.decode(hostile.jpeg_of_many_scans(180, 4000), "mallory")


async def test_a_process_that_dies_is_replaced():
    """Killed by somebody else, for the lack of memory perhaps: nobody's fault. It comes again."""
    async with a_pool(quick=60.0) as pool:
        await pool.decode(hostile.honest(side=512), "anna")
        (first,) = pool.pids
        under_way = asyncio.create_task(pool.decode(hostile.honest("PNG", 3200), "anna"))
        await asyncio.sleep(0)
        os.kill(first, signal.SIGKILL)
        with pytest.raises(Unavailable):
            await under_way
        await pool.decode(hostile.honest(side=512), "anna")
        assert pool.pids
        assert first not in pool.pids


@pytest.mark.parametrize("limits", [{"photos": 2}, {"resident": 1}], ids=["photos", "memory"])
async def test_processes_are_replaced_when_they_are_worn(limits):
    async with a_pool(**limits) as pool:
        seen = set()
        for _ in range(4):
            await pool.decode(hostile.honest(side=512), "anna")
            seen |= pool.pids
        await pool.decode(hostile.honest(side=512), "anna")
        assert len(seen) <= 2
        assert len(pool.pids) <= 1


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="its allocator is told to")
async def test_memory_stays_mapped_from_one_usual_photo_to_the_next():
    usual = hostile.honest(side=1280)
    async with a_pool() as pool:
        await pool.decode(usual, "anna")
        (decoder,) = pool.pids
        before = page_faults(decoder)
        await pool.decode(usual, "anna")
        assert pool.pids == {decoder}
        assert page_faults(decoder) - before < 200  # its pixels have more than a thousand pages


def page_faults(pid: int) -> int:
    """Those without the disk, of a process, ever."""
    return int(Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()[7])


async def test_a_photo_that_nobody_waits_for_any_more_is_not_decoded():
    async with a_pool(quick=60.0) as pool:
        await pool.decode(hostile.honest(side=512), "anna")
        (first,) = pool.pids
        gone = asyncio.create_task(pool.decode(hostile.honest("PNG", 3200), "anna"))
        await asyncio.sleep(0.01)
        gone.cancel()
        await asyncio.gather(gone, return_exceptions=True)
        assert first not in pool.pids
        await pool.decode(hostile.honest(side=512), "anna")


async def test_twenty_dear_ones_do_not_keep_a_cheap_one_waiting():
    """Of twenty people each, so that taking turns alone would not help."""
    dear, done = hostile.honest("PNG", 1600), []

    async def decode(pool: DecoderPool, raw: bytes, owner: str) -> None:
        await pool.decode(raw, owner)
        done.append(owner)

    async with a_pool(patience=0.05) as pool:
        await pool.decode(hostile.honest(side=256), "anna")
        many = [asyncio.create_task(decode(pool, dear, f"mallory {n}")) for n in range(20)]
        await until(lambda: done)
        await decode(pool, hostile.honest(side=256), "anna")
        assert done.index("anna") < 10
        await asyncio.gather(*many)
        assert len(done) == 21  # and the dear ones were fine: all are decoded in the end


async def test_what_takes_longer_than_its_headers_say_goes_on_in_the_slow_lane():
    """The first moves there as it is; the others have to begin anew."""
    dear = hostile.honest(side=2400)
    async with a_pool(quick=0.03) as pool:
        photos = await asyncio.gather(*(pool.decode(dear, f"mallory {n}") for n in range(4)))
        assert {(one.width, one.height) for one in photos} == {(2048, 2048)}
        await pool.decode(hostile.honest(side=256), "anna")
        assert len(pool.pids) <= 2  # one of each lane


async def test_labels_that_are_slow_to_read_go_on_in_the_slow_lane():
    """The first moves there as it is, the others begin anew, and a usual photo has its process."""
    packet = b"XML:com.adobe.xmp\0\0\0\0\0<x:xmpmeta xmlns:x='adobe:ns:meta/'>"
    packet += b"<a>" * 130_000 + b"</a>" * 130_000 + b"</x:xmpmeta>"
    plain = hostile.honest("PNG", 256)
    text = b"iTXt" + packet
    sized = (len(packet)).to_bytes(4, "big") + text + zlib.crc32(text).to_bytes(4, "big")
    slow = plain[:33] + sized + plain[33:]
    async with a_pool(quick=0.03) as pool:
        found = await asyncio.gather(*(pool.read_label(slow, f"mallory {n}") for n in range(4)))
        assert found == [LabelFindings()] * 4
        await pool.decode(hostile.honest(side=256), "anna")
        assert len(pool.pids) == 2  # one of each lane


async def test_closing_ends_all():
    pool = DecoderPool(2)
    await asyncio.gather(*(pool.decode(hostile.honest(side=512), who) for who in "ab"))
    pids = pool.pids
    assert pids
    await pool.close()
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


@pytest.mark.parametrize(
    "answer",
    [
        {"kind": "photo", "body": [{"blob": 0}, -5, 10, 0], "jpeg": b"\xff\xd8\xff"},
        {"kind": "photo", "body": [{"blob": 0}, 10, 10**9, 0], "jpeg": b"\xff\xd8\xff"},
        {"kind": "photo", "body": [{"blob": 0}, 10, 10, 0], "jpeg": b"RIFF"},
        {"kind": "photo", "body": [{"blob": 0}, 10, 10, 0], "jpeg": b"\xff\xd8\xff", "id": 7},
        {"kind": "refused", "body": ["PhotoBomb", {"self": 1}, 0], "jpeg": b""},
        {"kind": "heavy", "body": [1e308], "jpeg": b""},
    ],
    ids=["size", "huge", "no jpeg", "another's", "details", "cost"],
)
async def test_a_decoder_that_was_taken_over_is_not_believed(tmp_path, answer):
    body, names = answer["body"], {"photo": Decoded, "refused": DecodeRefusal, "heavy": Heavy}
    named = dict(zip(names[answer["kind"]].__dataclass_fields__, body, strict=True))
    script = tmp_path / "evil.py"
    script.write_text(
        "import sys\nfrom pipeline.engine.wire import WireFrame, encode, read\n"
        f"asked = read(sys.stdin.buffer)\njpeg = {answer['jpeg']!r}\n"
        f"frame = WireFrame({answer['kind']!r}, {named!r}, (jpeg,), {answer.get('id', 1)})\n"
        "sys.stdout.buffer.write(encode(frame))\nsys.stdout.buffer.flush()\nsys.stdin.read()\n"
    )
    pipe = asyncio.subprocess.PIPE
    evil = await asyncio.create_subprocess_exec(
        sys.executable, str(script), stdin=pipe, stdout=pipe, start_new_session=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[3])},
    )  # fmt: skip
    decoder = DecoderProcess(evil, DecoderLimits())
    with pytest.raises(PhotoUnreadable):
        await decoder.decode(hostile.honest(side=512), 1.0)
    assert decoder.worn


async def test_where_no_decoder_starts_no_photo_is_refused_for_ending_one(monkeypatch):
    """On a host that is broken the photo comes again; on one that is well it is the photo's own
    fault."""

    async def ends(self, raw, patience, *, painted=False):
        await self.kill()
        raise PhotoUnreadable

    async def cannot(limits):
        raise Unavailable("no decoder process can be started")

    async with a_pool() as pool:
        await pool.decode(hostile.honest(side=512), "anna")
        monkeypatch.setattr(DecoderProcess, "decode", ends)
        with pytest.raises(PhotoUnreadable):
            await pool.decode(hostile.honest(side=512), "anna")
        assert await pool.ready()
        with monkeypatch.context() as broken:
            broken.setattr(DecoderProcess, "start", cannot)
            with pytest.raises(Unavailable):
                await pool.decode(hostile.honest(side=512), "anna")
            assert not await pool.ready()
        assert await pool.ready()


async def test_a_sheet_is_drawn_in_the_sandbox_of_photos_that_it_has_made():
    """Numbered tiles in rows, each whole; what is no JPEG is refused, and costs no process."""
    async with a_pool() as pool:
        photo = await pool.decode(hostile.honest("JPEG", 512), "anna")
        few = await pool.sheet(
            [SheetTile(photo.jpeg, 7), SheetTile(photo.jpeg, 9, marked=True)], "anna"
        )
        assert (few.width, few.height) == (2 * 332 + 12, 332 + 12)
        most = [SheetTile(photo.jpeg, number) for number in range(1, MOST + 1)]
        full = await pool.sheet(most, "anna")
        assert (full.width, full.height) == (5 * 332 + 12, 12 * 332 + 12)
        first = pool.pids
        for wrong in ([], [*most, SheetTile(photo.jpeg, 61)], [SheetTile(b"no JPEG", 1)]):
            with pytest.raises(PhotoUnreadable):
                await pool.sheet(wrong, "anna")
        assert pool.pids >= first  # the spare one may have come meanwhile
        lying = Image.open(io.BytesIO(photo.jpeg)).rotate(90, expand=True)
        lying.save(side := io.BytesIO(), "JPEG", quality=95)
        turned = await pool.sheet([SheetTile(side.getvalue(), 7, turns=3)], "anna")
        alone = await pool.sheet([SheetTile(photo.jpeg, 7)], "anna")
    ups = [Image.open(io.BytesIO(one.jpeg)).convert("L") for one in (alone, turned)]
    assert ImageStat.Stat(ImageChops.difference(*ups)).mean[0] < 3, "turned back"
    with Image.open(io.BytesIO(few.jpeg)) as sheet:
        reds = [sheet.getpixel((left + 315, 327))[0] for left in (12, 344)]
        fields = [sheet.crop((left, 12, left + 56, 68)).tobytes() for left in (12, 344)]
        photos = [sheet.crop((left + 20, 100, left + 300, 310)) for left in (12, 344)]
    assert fields[0] != fields[1], "7 and 9"
    assert abs(reds[1] - 176) < 25 < abs(reds[0] - 176), "the marked one has a frame"
    assert len({ImageStat.Stat(one).mean[0] // 4 for one in photos}) == 1, "of one photo"

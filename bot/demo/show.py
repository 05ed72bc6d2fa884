"""Runs the demo: starts every process, plays the customer, prints the results, stays up."""

import asyncio
import contextlib
import logging
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import structlog
from aiohttp import ClientError
from rich.console import Console

from bot.cancellation import unless
from bot.container import open_container, read_settings
from bot.demo.channels import DemoChannel, open_channel
from bot.demo.compare import NoComparison, paint_base_only
from bot.demo.contact_sheet import contact_sheet
from bot.demo.customer import Customer, JourneyRecord, TooFew
from bot.demo.customer_chat import Failed
from bot.demo.environment import APART, demo_env, free_port, fresh_folder
from bot.demo.measurements import Measurements
from bot.demo.options import Options
from bot.demo.result import Result, failure, photo_counts, result
from bot.demo.screen import Screen
from bot.process_supervisor import (
    COURIER,
    WEB,
    WORKERS,
    ProcessSupervisor,
    stopped,
    supervise,
)
from handlers.texts import texts
from shop import logs
from shop.errors import CannotStart, PhotoRefused, Unavailable
from shop.labels.signing import PictureKind, PictureSigner, UnsignedPicture
from shop.listening import require_free_port
from shop.photos.decoding import PhotoDecoder
from shop.records import ShootKind
from shop.settings import Settings, SettingsError

TOO_FEW: Final = 2
FAILED: Final = 1
STOPPED: Final = 130  # as a shell says of a program ended by Ctrl-C
SHEET: Final = "contact-sheet.jpg"
SHOWN: Final = 8  # photos of the customer on it
OPENED_SECONDS: Final = 120.0
OWNER: Final = "demo"  # to the decoder

log = structlog.get_logger()


async def show(options: Options) -> int:
    """The whole demo; its exit status: 0, 1 when it failed, 2 when no order came of the photos.

    Raises :class:`shop.errors.CannotStart`, such as for a port that another program has taken.
    """
    screen, record = Screen(Console(), texts(options.language)), JourneyRecord()
    try:
        return await _show(options, screen, record)
    except Exception as error:
        known = isinstance(error, CannotStart | SettingsError)
        why = str(error) if known else f"{type(error).__name__}: {error}"
        _tell(options, screen, "cannot_start" if known else "crashed", why, record)
        raise


async def _show(options: Options, screen: Screen, record: JourneyRecord) -> int:
    began = time.monotonic()
    if not options.files():
        screen.note("demo-no-photos", folder=str(options.photos))
        _tell(options, screen, "no_photos", str(options.photos), record)
        return TOO_FEW
    stop = stopped()
    folder = fresh_folder()
    env = demo_env(os.environ, folder, free_port(), APART if options.channel == "wechat" else "")
    log_folder = Path(env["EIDER_DATA"]) / "logs"
    screen.heading("demo-title")
    screen.note("demo-starting")
    async with open_channel(options, env, log_folder) as channel:
        env |= channel.env
        settings = read_settings(env)
        # The port was free a moment ago: what has taken it since is told here, not in web.log.
        await require_free_port("the demo's chat page", settings.host, settings.port)
        async with supervise(env, log_folder) as supervisor:
            _log_to(log_folder / "demo.log")
            await supervisor.open((WEB, COURIER, *WORKERS), settings.redis_url)
            visit = _visit(options, screen, channel, settings, env, record, supervisor, began)
            code = await unless(stop, visit)
            if code == 0 and not options.once:
                await stop.wait()
    if code is None:
        _tell(options, screen, "stopped", "", record)
        return STOPPED
    return code


async def _visit(
    options: Options,
    screen: Screen,
    channel: DemoChannel,
    settings: Settings,
    env: Mapping[str, str],
    record: JourneyRecord,
    supervisor: ProcessSupervisor,
    began: float,
) -> int:
    """The customer's journey, and what came out of it; an exit status."""
    async with open_container(settings) as container:
        measurements = Measurements(container)
        try:
            await measurements.opened(OPENED_SECONDS)
            async with channel.open_chat() as chat:
                customer = Customer(chat, screen, channel.words, measurements, options.out, record)
                with screen:
                    await customer.visit(options.files(), options.subject)
        except TooFew:
            counts = photo_counts(record.tally)
            screen.note(
                "demo-too-few", accepted=str(counts["accepted"]), sent=str(counts["sent"]),
                minimum=measurements.photos_minimum,
            )  # fmt: skip
            _tell(options, screen, "too_few_photos", "", record)
            return TOO_FEW
        except (Failed, LookupError, TimeoutError, ClientError, OSError) as why:
            folder = settings.data_dir / "logs"
            for name, code in supervisor.unsteady.items():
                file = str(folder / f"{name}.log")
                screen.note("demo-process-ended", process=name, code=code, file=file)
            screen.note("demo-failed", folder=str(folder))
            log.error("demo_failed", error=type(why).__name__, what=str(why))
            _tell(options, screen, "failed", f"{type(why).__name__}: {why}", record)
            return FAILED
        base_only = await _compare(options, screen, record, settings, env)
        labels, decoder = container.labelling, container.decoder
        await keep_pictures(labels.signer, decoder, options, record, base_only, labels.producer)
        came = await result(measurements, record, base_only, time.monotonic() - began)
    _say(options, screen, channel, record, came)
    return 0


async def _compare(
    options: Options,
    screen: Screen,
    record: JourneyRecord,
    settings: Settings,
    env: Mapping[str, str],
) -> list[Path]:
    screen.note("demo-comparing")
    compared = (ShootKind.FIRST, ShootKind.STYLE)
    shoots = [shoot for shoot in record.shoots if shoot.kind in compared]
    file = settings.data_dir / "logs" / "compare.log"
    try:
        out = options.out / "base-only"
        return await paint_base_only(shoots, options.subject, settings.base, out, env, file)
    except NoComparison:
        screen.note("demo-not-compared", file=str(file))
        return []


async def keep_pictures(
    signer: PictureSigner,
    decoder: PhotoDecoder,
    options: Options,
    record: JourneyRecord,
    base_only: list[Path],
    producer: str,
) -> None:
    """Sign what a worker painted for the comparison, where it lies, and write the contact sheet."""
    for path in base_only:
        await _keep(signer, path, path.read_bytes(), PictureKind.PORTRAIT)
    photos = await shown_photos(decoder, options.files())
    sheet = _sheet(photos, record, base_only, producer)
    await _keep(signer, options.out / SHEET, sheet, PictureKind.SHEET)


async def _keep(signer: PictureSigner, path: Path, data: bytes, kind: PictureKind) -> None:
    """Write a finished picture, signed as all that leaves the house."""
    path.write_bytes(await signer.sign(UnsignedPicture(data, kind)))


async def shown_photos(decoder: PhotoDecoder, files: list[Path]) -> list[bytes]:
    """The first of the customer's files that the product itself can open, as it opens them: in the
    sandbox, and as plain JPEGs. :data:`SHOWN` at most; the others are left out."""
    shown: list[bytes] = []
    for file in files:
        if len(shown) == SHOWN:
            break
        with contextlib.suppress(OSError, PhotoRefused, Unavailable):
            raw = await asyncio.to_thread(file.read_bytes)
            shown.append((await decoder.decode(raw, OWNER)).jpeg)
    return shown


def _sheet(
    photos: list[bytes], record: JourneyRecord, base_only: list[Path], producer: str
) -> bytes:
    """The contact sheet. Captions are in English: pillow's own font has no other letters."""
    words = texts("en")
    painted = {
        "demo-sheet-portraits": record.portraits,
        "demo-sheet-expressions": record.expressions,
        "demo-sheet-liker": record.liker,
        "demo-sheet-base": base_only,
    }
    rows = (
        (words("demo-sheet-photos"), photos),
        *((words(key), [path.read_bytes() for path in paths]) for key, paths in painted.items()),
    )
    return contact_sheet(rows, producer)


def _tell(options: Options, screen: Screen, error: str, why: str, record: JourneyRecord) -> None:
    """The last line of a demo that failed, where one is asked for."""
    if options.json:
        screen.plain(failure(error, why, record.tally))


def _say(
    options: Options, screen: Screen, channel: DemoChannel, record: JourneyRecord, came: Result
) -> None:
    screen.heading("demo-done")
    if costs := record.costs:
        screen.note("demo-messages", sent=costs.sent, passive=costs.passive)
        clean = not costs.refused and not costs.problems
        key = "demo-none-refused" if clean else "demo-refused"
        screen.note(key, refused=costs.refused, problems=len(costs.problems))
        for problem in costs.problems:
            screen.plain(f"  {problem}")
    screen.note("demo-looked", uploads=came.uploads_left, books=_books(came))
    screen.note("demo-saved", folder=str(options.out), sheet=SHEET)
    for clip in record.clips:
        screen.note("demo-clip", path=clip.path, strip=Path(clip.path).with_suffix(".jpg").name)
    if not options.once:
        screen.note("demo-open", address=channel.address)
        screen.note("demo-stop")
    if options.json:
        screen.plain(came.line())


def _books(came: Result) -> str:
    return ", ".join(f"{currency} {total}" for currency, total in sorted(came.ledger.items()))


def _log_to(file: Path) -> None:
    """Our own log lines go into a file too: the terminal belongs to the journey."""
    logs.configure("json")
    for handler in logging.getLogger().handlers:
        if isinstance(handler, logging.StreamHandler):
            handler.setStream(file.open("a", encoding="utf-8"))

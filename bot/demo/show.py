"""Runs the demo: starts every process, plays the customer, prints the results, stays up."""

import logging
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import structlog
from rich.console import Console

from bot.cancellation import unless
from bot.container import open_container, read_settings
from bot.demo.compare import NoComparison, paint_base_only
from bot.demo.contact_sheet import contact_sheet
from bot.demo.customer import Customer, Failed, JourneyRecord, TooFew
from bot.demo.environment import demo_env, free_port, fresh_folder
from bot.demo.measurements import Measurements
from bot.demo.options import Options
from bot.demo.result import Result, result
from bot.demo.screen import Screen
from bot.playground.driver import ReplyTimeout, open_chat
from bot.process_supervisor import COURIER, WEB, WORKERS, stopped, supervise
from handlers.texts import texts
from shop import logs
from shop.labels.signing import PictureKind, PictureSigner, UnsignedPicture
from shop.records import ShootKind
from shop.settings import Settings

TOO_FEW: Final = 2
FAILED: Final = 1
STOPPED: Final = 130  # as a shell says of a program ended by Ctrl-C
SHEET: Final = "contact-sheet.jpg"
SHOWN: Final = 8  # photos of the customer on it

log = structlog.get_logger()


async def show(options: Options) -> int:
    """The whole demo; its exit status: 0, 1 when it failed, 2 when the photos were too few."""
    began = time.monotonic()
    words = texts(options.language)
    screen = Screen(Console(), words)
    if not options.files():
        screen.note("demo-no-photos", folder=str(options.photos))
        return TOO_FEW
    stop = stopped()
    folder = fresh_folder()
    env = demo_env(os.environ, folder, free_port())
    settings = read_settings(env)
    screen.heading("demo-title")
    screen.note("demo-starting")
    async with supervise(env, folder / "logs") as supervisor:
        _log_to(folder / "logs" / "demo.log")
        await supervisor.open((WEB, COURIER, *WORKERS), settings.redis_url)
        code = await unless(stop, _visit(options, screen, settings, env, began))
        if code == 0 and not options.once:
            await stop.wait()
    return STOPPED if code is None else code


async def _visit(
    options: Options, screen: Screen, settings: Settings, env: Mapping[str, str], began: float
) -> int:
    """The customer's journey, and what came out of it; an exit status."""
    words = texts(options.language)
    async with open_container(settings) as container:
        measurements = Measurements(container)
        async with open_chat(settings.public_url, options.language) as chat:
            customer = Customer(chat, screen, words, measurements, options.out)
            try:
                with screen:
                    await customer.visit(options.files(), options.subject)
            except TooFew:
                return TOO_FEW
            except (Failed, ReplyTimeout, LookupError, TimeoutError) as why:
                screen.note("demo-failed", folder=str(settings.data_dir / "logs"))
                log.error("demo_failed", error=type(why).__name__, what=str(why))
                return FAILED
        base_only = await _compare(options, screen, customer.record, settings, env)
        labels = container.labelling
        await keep_pictures(labels.signer, options, customer.record, base_only, labels.producer)
        came = await result(measurements, customer.record, base_only, time.monotonic() - began)
    _say(options, screen, settings, came)
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
    options: Options,
    record: JourneyRecord,
    base_only: list[Path],
    producer: str,
) -> None:
    """Sign what a worker painted for the comparison, where it lies, and write the contact sheet."""
    for path in base_only:
        await _keep(signer, path, path.read_bytes(), PictureKind.PORTRAIT)
    sheet = _sheet(options, record, base_only, producer)
    await _keep(signer, options.out / SHEET, sheet, PictureKind.SHEET)


async def _keep(signer: PictureSigner, path: Path, data: bytes, kind: PictureKind) -> None:
    """Write a finished picture, signed as all that leaves the house."""
    path.write_bytes(await signer.sign(UnsignedPicture(data, kind)))


def _sheet(options: Options, record: JourneyRecord, base_only: list[Path], producer: str) -> bytes:
    """The contact sheet. Captions are in English: pillow's own font has no other letters."""
    words = texts("en")
    rows = (
        (words("demo-sheet-photos"), options.files()[:SHOWN]),
        (words("demo-sheet-portraits"), record.portraits),
        (words("demo-sheet-expressions"), record.expressions),
        (words("demo-sheet-liker"), record.liker),
        (words("demo-sheet-base"), base_only),
    )
    return contact_sheet(rows, producer)


def _say(options: Options, screen: Screen, settings: Settings, came: Result) -> None:
    screen.heading("demo-done")
    screen.note("demo-looked", uploads=came.uploads_left, books=_books(came))
    screen.note("demo-saved", folder=str(options.out), sheet=SHEET)
    if not options.once:
        screen.note("demo-open", address=f"{settings.public_url}/playground")
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

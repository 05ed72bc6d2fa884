"""The sample customer: goes through the dialogue as a person would, and shows it on the screen."""

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from bot.demo.measurements import Measurements
from bot.demo.screen import Screen
from bot.playground.driver import NoButton, PlaygroundClient, Seen
from bot.playground.messages import MessageKind
from bot.playground.routes import LARGEST
from handlers.chat import Tone
from handlers.texts import Texts
from shop.photos.photos import PhotoCounts
from shop.records import Shoot, ShootKind, Subject

CHECK_SECONDS: Final = 240.0
TRAIN_SECONDS: Final = 1800.0
PAINT_SECONDS: Final = 600.0
TALLY_SECONDS: Final = 3.0
BREATH_SECONDS: Final = 0.3


class TooFew(Exception):
    """The chat takes no order for these photos: the usable ones are too few, or it has another
    reason, which it said."""


class Failed(Exception):
    """The chat apologised: the avatar or a set could not be made."""


@dataclass(slots=True)
class JourneyRecord:
    """What came of the journey: the tally, the shoots, and the paths of the saved portraits."""

    tally: PhotoCounts | None = None
    shoots: list[Shoot] = field(default_factory=list)
    portraits: list[Path] = field(default_factory=list)
    expressions: list[Path] = field(default_factory=list)
    liker: list[Path] = field(default_factory=list)


class Customer:
    """Acts in one chat, and writes into ``record`` as it goes. Buttons are found by their actions:
    the journey is any language's."""

    def __init__(
        self,
        chat: PlaygroundClient,
        screen: Screen,
        words: Texts,
        measurements: Measurements,
        out: Path,
        record: JourneyRecord,
    ) -> None:
        self._chat = chat
        self._screen = screen
        self._words = words
        self._measurements = measurements
        self._out = out
        self._printed: set[str] = set()
        self._edited: dict[str, Seen] = {}
        self.record = record

    async def visit(self, photos: Sequence[Path], subject: Subject) -> None:
        """The whole journey. Raises :class:`TooFew`, :class:`Failed`, or
        :class:`bot.playground.driver.ReplyTimeout`."""
        narrating = asyncio.create_task(self._narrate())
        try:
            await self._agree(subject)
            await self._send(photos)
            # A quick worker may have painted before the receipt is read.
            since = self._chat.revision
            await self._pay()
            first = await self._receive(since)
            await self._another_style()
            await self._another_expression(first)
            await self._more_like_me()
            await self._leave()
        finally:
            await asyncio.sleep(BREATH_SECONDS)
            self._catch_up()
            narrating.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await narrating

    async def _agree(self, subject: Subject) -> None:
        await self._say("/start")
        for action in ("terms", "agree:terms", "agree:training", f"subject:{subject}"):
            await self._press(action)

    async def _send(self, photos: Sequence[Path]) -> None:
        files = self._readable(photos)
        if not files:
            raise TooFew
        await self._me(f"▣ × {len(files)}")
        sent = 0

        def count() -> None:
            nonlocal sent
            sent += 1
            self._screen.advance("upload", "↑", sent / len(files))

        await self._chat.send_photos(files, count)
        self.record.tally = await self._measurements.checked(CHECK_SECONDS)
        await asyncio.sleep(TALLY_SECONDS)  # the last count is gathered before it is sent
        if self.record.tally.accepted < self._measurements.photos_minimum:
            since = self._chat.revision
            await self._say(self._words("words-done").partition(" |")[0])
            await self._chat.wait(lambda seen: bool(seen.text), since=since)
            raise TooFew
        await self._press("done")
        # Messages come by the stream, later than the answer to the press.
        try:
            _, offered = await self._chat.look_for("done:go", "pay:")
            if offered.action == "done:go":
                await self._press("done:go")
                await self._chat.look_for("pay:")
        except NoButton as nothing:
            raise TooFew from nothing

    def _readable(self, photos: Sequence[Path]) -> list[bytes]:
        """The files, but those that cannot be read, or that the page does not take, which are
        named."""
        files, left_out = [], []
        for path in photos:
            try:
                if path.stat().st_size > LARGEST:
                    left_out.append(path.name)
                    continue
                files.append(path.read_bytes())
            except OSError:
                left_out.append(path.name)
        if left_out:
            names = ", ".join(left_out)
            self._screen.note("demo-left-out", names=names, megabytes=LARGEST // 2**20)
        return files

    async def _pay(self) -> None:
        await self._press("pay:")
        await self._chat.wait(lambda seen: seen.message.tone is Tone.RECEIPT)

    async def _receive(self, since: int) -> Seen:
        shown = await self._portraits(since, TRAIN_SECONDS)
        await self._keep(shown, ShootKind.FIRST, self.record.portraits)
        return shown

    async def _another_style(self) -> None:
        """A style from the menu, where the base offers more than the first one."""
        first, before = self.record.shoots[0].template, self._chat.revision
        await self._press("styles")
        menu = await self._chat.wait(lambda seen: bool(_styles(seen)), since=before)
        other = next((style for style in _styles(menu) if style != f"s:{first}"), None)
        if other is None:
            return
        since = self._chat.revision
        await self._set(other, since, ShootKind.STYLE, self.record.portraits)

    async def _another_expression(self, first: Seen) -> None:
        """Where the first style has another that the base paints otherwise."""
        other, since = f"face:{self.record.shoots[0].id}", self._chat.revision
        if other not in (button.action for button in first.buttons):
            return
        await self._set(other, since, ShootKind.EXPRESSION, self.record.expressions)

    async def _more_like_me(self) -> None:
        more, since = f"more:{self.record.shoots[0].id}", self._chat.revision
        await self._set(more, since, ShootKind.MORE_LIKE_ME, self.record.liker)

    async def _leave(self) -> None:
        await self._say("/mydata")
        await self._say("/erase")
        await self._press("erase:yes-")
        await self._measurements.erased()

    async def _set(self, action: str, since: int, kind: ShootKind, paths: list[Path]) -> None:
        """Ask for a further set. One that fails costs nothing, and the customer goes on."""
        await self._press(action)
        with contextlib.suppress(Failed):
            await self._keep(await self._portraits(since, PAINT_SECONDS), kind, paths)

    async def _portraits(self, since: int, seconds: float) -> Seen:
        """The next set of portraits. Raises :class:`Failed` if an apology comes instead."""
        seen = await self._chat.wait(
            lambda seen: _is_set(seen) or seen.message.tone is Tone.TROUBLE,
            since=since,
            seconds=seconds,
        )
        if not _is_set(seen):
            raise Failed(seen.text)
        return seen

    async def _keep(self, shown: Seen, kind: ShootKind, paths: list[Path]) -> None:
        """Save a set as it was delivered: the labelled originals."""
        shoot = await self._measurements.shoot(kind)
        self.record.shoots.append(shoot)
        self._out.mkdir(parents=True, exist_ok=True)
        for number, frame in enumerate(shown.message.pictures, start=1):
            data = await self._chat.picture(frame.id)
            ending = {"image/png": "png", "image/webp": "webp"}.get(frame.media_type, "jpg")
            path = self._out / f"{kind.value}-{shoot.template}-{number}.{ending}"
            path.write_bytes(data)
            paths.append(path)

    async def _say(self, text: str) -> None:
        await self._me(text)
        await self._chat.say(text)

    async def _press(self, what: str) -> None:
        _, button = await self._chat.look_for(what)
        await self._me(f"▸ {button.label}")
        await self._chat.press(what)

    async def _me(self, text: str) -> None:
        await asyncio.sleep(BREATH_SECONDS)  # whatever was said before is printed before
        self._catch_up()
        self._screen.me(text)

    async def _narrate(self) -> None:
        """Print what Eider says as it comes. Edits wait until they are the last word."""
        async for seen in self._chat.changes():
            if seen.message.tone is Tone.PROGRESS and seen.message.share is not None:
                what = seen.text.partition("\n")[0]
                self._screen.advance(seen.id, what, seen.message.share)
            elif seen.id in self._printed:
                self._edited[seen.id] = seen
            else:
                self._catch_up()
                self._printed.add(seen.id)
                self._screen.eider(seen)

    def _catch_up(self) -> None:
        for seen in self._edited.values():
            self._screen.eider(seen)
        self._edited.clear()


def _styles(seen: Seen) -> list[str]:
    """What the buttons of a menu of styles do."""
    return [button.action for button in seen.buttons if button.action.startswith("s:")]


def _is_set(seen: Seen) -> bool:
    """Portraits, as against a training's sample or the menu of styles."""
    return seen.message.kind is MessageKind.PICTURES and any(
        button.action.startswith("more:") for button in seen.buttons
    )

"""The sample customer: goes through the dialogue as a person would, and shows it on the screen."""

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from bot.demo.clips import SavedClip, save_clip
from bot.demo.customer_chat import (
    PAY,
    Bubble,
    Choice,
    CustomerChat,
    DeliveredSet,
    Failed,
    MessageCosts,
    NotOffered,
)
from bot.demo.measurements import Measurements
from bot.demo.screen import Screen
from bot.playground.routes import LARGEST
from handlers.chat import Tone
from handlers.texts import Texts
from shop.photos.photos import PhotoCounts
from shop.records import Shoot, ShootKind, Subject

CHECK_SECONDS: Final = 240.0
TRAIN_SECONDS: Final = 1800.0
PAINT_SECONDS: Final = 600.0
CLIP_SECONDS: Final = 240.0
MOTION: Final = "smile"
BREATH_SECONDS: Final = 0.3


class TooFew(Exception):
    """The chat takes no order for these photos: the usable ones are too few, or it has another
    reason, which it said."""


@dataclass(slots=True)
class JourneyRecord:
    """What came of the journey: the tally, the shoots, the paths of the saved portraits, the clips,
    and what it cost where a platform counts messages."""

    tally: PhotoCounts | None = None
    shoots: list[Shoot] = field(default_factory=list)
    portraits: list[Path] = field(default_factory=list)
    expressions: list[Path] = field(default_factory=list)
    liker: list[Path] = field(default_factory=list)
    clips: list[SavedClip] = field(default_factory=list)
    costs: MessageCosts | None = None


class Customer:
    """Acts in one chat, and writes into ``record`` as it goes. ``words`` are the texts as that chat
    has them. Choices are named by action and label: the journey is any language's."""

    def __init__(
        self,
        chat: CustomerChat,
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
        self._edited: dict[str, Bubble] = {}
        self.record = record

    async def visit(self, photos: Sequence[Path], subject: Subject) -> None:
        """The whole journey. Raises :class:`TooFew`, :class:`bot.demo.customer_chat.Failed`,
        :class:`bot.demo.customer_chat.NotOffered`, or TimeoutError."""
        narrating = asyncio.create_task(self._narrate())
        try:
            await self._agree(subject)
            await self._send(photos)
            # A quick worker may have painted before the receipt is read.
            since = self._chat.now()
            await self._pay(since)
            first = await self._receive(since)
            if self._chat.last_message_only:
                await self._another_expression(first)
                await self._another_style()
            else:
                await self._another_style()
                await self._another_expression(first)
            await self._more_like_me()
            await self._bring_alive(photos)
            await self._leave()
            self.record.costs = await self._chat.costs()
        finally:
            await asyncio.sleep(BREATH_SECONDS)
            self._catch_up()
            narrating.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await narrating

    async def _agree(self, subject: Subject) -> None:
        await self._me(self._chat.opening)
        await self._chat.open()
        for choice in self._chat.preferences:
            await self._press(choice)
        for action, label in (
            ("terms", "welcome-button-begin"),
            ("agree:terms", "terms-button-yes"),
            ("agree:training", "training-button-yes"),
            (f"subject:{subject}", f"subject-button-{subject}"),
        ):
            await self._press(self._choice(action, label))

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
        if self.record.tally.accepted < self._measurements.photos_minimum:
            since = self._chat.now()
            await self._say(self._words.word("done"))
            await self._chat.words_since(since)
            raise TooFew
        await self._press(self._choice("done", "photos-button-done"))
        go = self._choice("done:go", "few-button-go")
        # Messages may come later than the answer to what was chosen.
        try:
            if (await self._chat.look_for(go, PAY)).choice is go:
                await self._press(go)
                await self._chat.look_for(PAY)
        except NotOffered as nothing:
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

    async def _pay(self, since: int) -> None:
        await self._press(PAY)
        await self._chat.receipt_since(since)

    async def _receive(self, since: int) -> DeliveredSet:
        came = await self._chat.portraits_since(since, TRAIN_SECONDS)
        await self._keep(came, ShootKind.FIRST, self.record.portraits)
        return came

    async def _another_style(self) -> None:
        """A style from the menu, where the base offers more than the first one."""
        first, before = self.record.shoots[0].template, self._chat.now()
        await self._press(self._choice("styles", "portraits-button-styles", "studio-button-styles"))
        titles = self._measurements.styles(self._words.language)
        styles = [Choice(f"s:{template}", (title,)) for template, title in titles.items()]
        listed = await self._chat.listed_since(styles, before)
        other = next((style for style in listed if style.action != f"s:{first}"), None)
        if other is None:
            return
        await self._set(other, ShootKind.STYLE, self.record.portraits)

    async def _another_expression(self, first: DeliveredSet) -> None:
        """Where the first style has another that the base paints otherwise."""
        other = self._choice(f"face:{self.record.shoots[0].id}", "portraits-button-expression")
        if other.is_among(first.offers):
            await self._set(other, ShootKind.EXPRESSION, self.record.expressions)

    async def _more_like_me(self) -> None:
        more = self._choice(f"more:{self.record.shoots[0].id}", "portraits-button-more")
        await self._set(more, ShootKind.MORE_LIKE_ME, self.record.liker)

    async def _bring_alive(self, photos: Sequence[Path]) -> None:
        """One of the photos comes alive: the first clip is a gift. One of which nothing comes costs
        nothing, and the customer goes on."""
        motion = Choice(
            f"motion:{MOTION}", (self._measurements.motion(MOTION, self._words.language),)
        )
        with contextlib.suppress(Failed, NotOffered, TimeoutError):
            await self._say(self._words.word("alive"))
            await self._press(self._choice("who:self", "alive-who-self"))
            since = self._chat.now()
            await self._me("▣ × 1")
            await self._chat.send_photos(self._readable(photos)[:1], lambda: None)
            await self._chat.listed_since([motion], since)
            since = self._chat.now()
            await self._press(motion)
            came = await self._chat.clip_since(since, CLIP_SECONDS)
            measurements = self._measurements
            clip = await save_clip(came, measurements, measurements.signer, self._out)
            self.record.clips.append(clip)

    async def _leave(self) -> None:
        await self._say(self._chat.typed("mydata"))
        await self._say(self._chat.typed("erase"))
        await self._press(self._choice("erase:yes-", "erase-button-yes"))
        await self._measurements.erased()

    async def _set(self, choice: Choice, kind: ShootKind, paths: list[Path]) -> None:
        """Ask for a further set. One that fails costs nothing, and the customer goes on."""
        since = self._chat.now()
        await self._press(choice)
        with contextlib.suppress(Failed):
            await self._keep(await self._chat.portraits_since(since, PAINT_SECONDS), kind, paths)

    async def _keep(self, came: DeliveredSet, kind: ShootKind, paths: list[Path]) -> None:
        """Save a set as it was delivered: the labelled originals."""
        shoot = await self._measurements.shoot(kind)
        self.record.shoots.append(shoot)
        self._out.mkdir(parents=True, exist_ok=True)
        count = await self._measurements.portraits_of(shoot)  # a sample may have come before them
        for number, (data, media_type) in enumerate(came.pictures[-count:], start=1):
            ending = {"image/png": "png", "image/webp": "webp"}.get(media_type, "jpg")
            path = self._out / f"{kind.value}-{shoot.template}-{number}.{ending}"
            path.write_bytes(data)
            paths.append(path)

    def _choice(self, action: str, *keys: str) -> Choice:
        return Choice(action, tuple(self._words(key) for key in keys))

    async def _say(self, text: str) -> None:
        await self._me(text)
        await self._chat.say(text)

    async def _press(self, choice: Choice) -> None:
        offer = await self._chat.look_for(choice)
        await self._me(offer.shown)
        await self._chat.take(offer)

    async def _me(self, text: str) -> None:
        await asyncio.sleep(BREATH_SECONDS)  # whatever was said before is printed before
        self._catch_up()
        self._screen.me(text)

    async def _narrate(self) -> None:
        """Print what Eider says as it comes. Edits wait until they are the last word."""
        async for bubble in self._chat.changes():
            if bubble.tone is Tone.PROGRESS and bubble.share is not None:
                what = bubble.text.partition("\n")[0]
                self._screen.advance(bubble.id, what, bubble.share)
            elif bubble.id in self._printed:
                self._edited[bubble.id] = bubble
            else:
                self._catch_up()
                self._printed.add(bubble.id)
                self._screen.eider(bubble)

    def _catch_up(self) -> None:
        for bubble in self._edited.values():
            self._screen.eider(bubble)
        self._edited.clear()

"""The sample customer at the playground: the page's own driver, as a :class:`CustomerChat`."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from bot.demo.customer_chat import (
    Bubble,
    Choice,
    DeliveredClip,
    DeliveredSet,
    Failed,
    MessageCosts,
    NotOffered,
    Offer,
)
from bot.playground.driver import NoButton, PlaygroundClient, Seen, open_chat
from bot.playground.messages import MessageKind
from handlers.chat import Tone


class PlaygroundChat:
    """Buttons are found by their actions: the journey is any language's."""

    opening = "/start"
    preferences: Sequence[Choice] = ()
    last_message_only = False

    def __init__(self, client: PlaygroundClient) -> None:
        self._client = client

    def now(self) -> int:
        return self._client.revision

    def typed(self, command: str) -> str:
        return f"/{command}"

    async def open(self) -> None:
        await self.say(self.opening)

    async def say(self, text: str) -> None:
        await self._client.say(text)

    async def look_for(self, *choices: Choice) -> Offer:
        try:
            _, found = await self._client.look_for(*(choice.action for choice in choices))
        except NoButton as nothing:
            raise NotOffered(str(nothing)) from nothing
        choice = next((one for one in choices if found.action == one.action), None)
        choice = choice or next(one for one in choices if found.action.startswith(one.action))
        return Offer(choice, f"▸ {found.label}")

    async def take(self, offer: Offer) -> None:
        await self._client.press(offer.choice.action)

    async def send_photos(self, photos: Sequence[bytes], on_sent: Callable[[], None]) -> None:
        await self._client.send_photos(photos, on_sent)

    async def words_since(self, since: int) -> None:
        await self._client.wait(lambda seen: bool(seen.text), since=since)

    async def receipt_since(self, since: int) -> None:
        await self._client.wait(lambda seen: seen.message.tone is Tone.RECEIPT, since=since)

    async def listed_since(self, choices: Sequence[Choice], since: int) -> list[Choice]:
        known = {choice.action: choice for choice in choices}
        seen = await self._client.wait(
            lambda seen: any(action in known for action in _actions(seen)), since=since
        )
        return [known[action] for action in _actions(seen) if action in known]

    async def portraits_since(self, since: int, seconds: float) -> DeliveredSet:
        seen = await self._client.wait(
            lambda seen: _is_set(seen) or seen.message.tone is Tone.TROUBLE,
            since=since,
            seconds=seconds,
        )
        if not _is_set(seen):
            raise Failed(seen.text)
        frames = seen.message.pictures
        pictures = [(await self._client.picture(one.id), one.media_type) for one in frames]
        return DeliveredSet(tuple(pictures), tuple(_actions(seen)))

    async def clip_since(self, since: int, seconds: float) -> DeliveredClip:
        seen = await self._client.wait(
            lambda seen: seen.message.clip is not None or seen.message.tone is Tone.TROUBLE,
            since=since,
            seconds=seconds,
        )
        if (clip := seen.message.clip) is None:
            raise Failed(seen.text)
        return DeliveredClip(await self._client.picture(clip.id))

    async def changes(self) -> AsyncIterator[Bubble]:
        async for seen in self._client.changes():
            yield _bubble(seen)

    async def costs(self) -> MessageCosts | None:
        return None


@asynccontextmanager
async def open_playground_chat(base: str, language: str) -> AsyncIterator[PlaygroundChat]:
    """Somebody new at the page at ``base``."""
    async with open_chat(base, language) as client:
        yield PlaygroundChat(client)


def _actions(seen: Seen) -> list[str]:
    return [button.action for button in seen.buttons]


def _is_set(seen: Seen) -> bool:
    """Portraits, as against a training's sample or the menu of styles."""
    return seen.message.kind is MessageKind.PICTURES and any(
        action.startswith("more:") for action in _actions(seen)
    )


def _bubble(seen: Seen) -> Bubble:
    message = seen.message
    return Bubble(
        seen.id,
        message.text,
        title=message.title if message.kind is MessageKind.BILL else "",
        pictures=len(message.pictures) if message.kind is MessageKind.PICTURES else 0,
        seconds=message.clip.seconds if message.clip else 0.0,
        buttons=tuple(tuple(button.label for button in row) for row in message.buttons),
        tone=message.tone,
        share=message.share,
    )

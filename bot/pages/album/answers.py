"""The dialogue's replies as the album shows them: JSON of texts, pictures by their addresses, and
buttons. What leads only on within the chat is left out.

Where nothing may be sold (:attr:`bot.channels.PageLogin.sells`), nothing with a price in it is
shown either: in its place stands where one can buy. What a person has a right to still names the
money that is theirs.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from io import BytesIO
from typing import Any, Final

from PIL import Image

from bot.fitting import POSTER
from handlers.chat import (
    Button,
    ClipFile,
    Invoice,
    Keyboard,
    Marks,
    Picture,
    Reply,
    Say,
    Show,
    ShowClip,
    Tone,
    words_of,
)
from handlers.intents import Intent, read_action
from handlers.texts import Texts

SELLING: Final = frozenset({Intent.BUY, Intent.PAY, Intent.CREDITS, Intent.NEW})
"""What leads to a bill: it is not asked for where nothing may be sold."""

_IN_THE_CHAT: Final = frozenset({Intent.SHARE, Intent.INVITE})
_OF_OWN_MONEY: Final = frozenset(
    {Intent.CANCEL, Intent.ERASE, Intent.MYDATA, Intent.ORDERS, Intent.PAYSUPPORT, Intent.REVOKE}
)
_PICKS: Final = (Intent.STYLE, Intent.INITIAL_STYLE)

Answer = Mapping[str, Any]


class Answers:
    """Turns replies into answers for one person's album. ``path`` is the album's own."""

    def __init__(self, words: Texts, path: str, *, sells: bool) -> None:
        self._words = words
        self._path = path
        self._sells = sells
        self._money = words("money-CNY", amount="").strip()

    def of(self, replies: Sequence[Reply], intent: Intent) -> list[Answer]:
        """The answers to that intent, in order."""
        if not self._sells:
            replies = list(self._without_prices(replies, intent))
        return [self._shown(reply) for reply in replies if not isinstance(reply, Marks)]

    def not_sold(self) -> Say:
        """Why nothing is sold here, and where it is."""
        return Say(self._words("album-not-sold"))

    def _shown(self, reply: Say | Show | ShowClip | Invoice) -> Answer:
        keyboard = _kept(reply)
        match reply:
            case Say():
                return {
                    "text": reply.text, "tone": reply.tone.value, "share": reply.share,
                    "buttons": _keys(keyboard),
                }  # fmt: skip
            case Show():
                picks = {} if reply.original else _picks(keyboard)
                pictures = [self._picture(one, reply.original, picks) for one in reply.pictures]
                taken = {one["action"] for one in pictures if "action" in one}
                return {
                    "text": _moved(reply.caption, pictures), "pictures": pictures,
                    "files": reply.original, "buttons": _keys(keyboard, taken),
                }  # fmt: skip
            case ShowClip():
                return {
                    "text": reply.caption, "clips": [self._clip(reply.clip)],
                    "files": reply.original, "buttons": _keys(keyboard),
                }  # fmt: skip
            case Invoice():
                amount = self._words.money(reply.amount, reply.currency)
                pay = {"label": self._words("album-pay", amount=amount), "url": reply.pay_url}
                return {
                    "title": reply.title, "text": reply.text, "pay": pay,
                    "buttons": _keys(keyboard),
                }  # fmt: skip

    def _picture(
        self, picture: Picture, original: bool, picks: Mapping[str, Button]
    ) -> dict[str, Any]:
        with Image.open(BytesIO(picture.data)) as opened:  # reads the header only
            width, height = opened.size
        src = f"{self._path}/picture/{picture.id}"
        shown = {"src": src, "alt": picture.alt, "width": width, "height": height}
        pick = picks.get(picture.id.removeprefix("preview:"))
        if pick and not original:
            shown |= {"action": pick.action, "label": pick.label}
        return shown

    def _clip(self, clip: ClipFile) -> dict[str, Any]:
        picture = f"{self._path}/picture"
        return {
            "src": f"{picture}/{clip.id}", "poster": f"{picture}/{POSTER}{clip.id}",
            "alt": clip.alt, "width": clip.width, "height": clip.height, "seconds": clip.seconds,
        }  # fmt: skip

    def _without_prices(self, replies: Sequence[Reply], intent: Intent) -> Iterator[Reply]:
        """The same without bills and prices; the sentence stands once for all of them. The first
        reply to who asks about money of their own is about that; what follows is the next screen.
        """
        told = False
        for number, reply in enumerate(replies):
            is_their_own = number == 0 and intent in _OF_OWN_MONEY
            is_bill = isinstance(reply, Invoice)
            if is_bill or (self._has_price(words_of(reply)) and not is_their_own):
                if not told:
                    yield self.not_sold()
                told = True
            else:
                yield replace(reply, buttons=self._unpriced(reply.buttons))

    def _unpriced(self, keyboard: Keyboard) -> Keyboard:
        rows = (
            tuple(
                one for one in row if not self._has_price(one.label) and _intent(one) not in SELLING
            )
            for row in keyboard
        )
        return tuple(row for row in rows if row)

    def _has_price(self, text: str) -> bool:
        return self._money in text


def trouble(text: str) -> Say:
    """Something that did not work, in the dialogue's own form."""
    return Say(text, tone=Tone.TROUBLE)


def _intent(button: Button) -> Intent | None:
    wanted = read_action(button.action)
    return wanted[0] if wanted else None


def _kept(reply: Reply) -> Keyboard:
    """The buttons that can be pressed here. A bill with an address is paid there."""
    left_out = _IN_THE_CHAT
    if isinstance(reply, Invoice) and reply.pay_url:
        left_out = left_out | {Intent.PAY}
    rows = (
        tuple(
            one
            for one in row
            if (one.url and not one.page) or (_intent(one) not in left_out and one.action)
        )
        for row in reply.buttons
    )
    return tuple(row for row in rows if row)


def _picks(keyboard: Keyboard) -> Mapping[str, Button]:
    """The buttons that choose a style, by the style's id."""
    found = {}
    for row in keyboard:
        for one in row:
            wanted = read_action(one.action)
            if wanted and wanted[0] in _PICKS:
                found[wanted[1]] = one
    return found


def _moved(caption: str, pictures: Sequence[dict[str, Any]]) -> str:
    """The caption without its lines on single styles (``· Noir — …``), which go below their
    pictures."""
    left = []
    for line in caption.split("\n"):
        of = next((one for one in pictures if line.startswith(f"· {one.get('label')} — ")), None)
        if of is None:
            left.append(line)
        else:
            of["about"] = line.partition(" — ")[2]
    return "\n".join(left)


def _keys(keyboard: Keyboard, without: Collection[str] = ()) -> list[list[dict[str, Any]]]:
    rows = ([_key(one) for one in row if one.action not in without] for row in keyboard)
    return [row for row in rows if row]


def _key(button: Button) -> dict[str, Any]:
    if button.url:
        return {"label": button.label, "url": button.url}
    key = {"label": button.label, "action": button.action}
    wanted = read_action(button.action)
    erases = wanted is not None and wanted[0] is Intent.ERASE and wanted[1].startswith("yes")
    return key | {"danger": True} if erases else key

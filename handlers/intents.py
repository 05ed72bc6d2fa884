"""Intents: what a person can ask for, by a button's action or by typed words.

An action is ``intent`` or ``intent:argument``, ASCII, at most 40 bytes, so that it fits every
platform's button. It is no permission: whoever presses may have invented it.
"""

import re
import unicodedata
from enum import StrEnum
from functools import cache
from typing import Final

from handlers.chat import Button, Keyboard
from handlers.texts import Texts, every
from shop.people import link_codes

MAX_ACTION: Final = 40
PAYLOAD_PATTERN: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")


class Intent(StrEnum):
    """What an update asks for. Those of :data:`COMMANDS` work as ``/command`` as well."""

    START = "start"
    WHERE = "where"
    HELP = "help"
    LANGUAGE = "language"
    TERMS = "terms"
    PRIVACY = "privacy"
    AGREE = "agree"
    DECLINE = "decline"
    REVOKE = "revoke"
    SUBJECT = "subject"
    TIPS = "tips"
    DONE = "done"
    OUT = "out"
    COMPARE = "compare"
    KEEP = "keep"
    PAY = "pay"
    CANCEL = "cancel"
    STYLES = "styles"
    STYLE = "s"
    INITIAL_STYLES = "firsts"
    INITIAL_STYLE = "first"
    MORE = "more"
    MORE_BEAUTIFUL = "fairer"
    AGAIN = "again"
    EXPRESSION = "face"
    ORIGINALS = "orig"
    SHARE = "share"
    INVITE = "invite"
    AVATAR = "avatar"
    NEW = "new"
    ORDERS = "orders"
    CREDITS = "credits"
    BUY = "buy"
    MYDATA = "mydata"
    ERASE = "erase"
    LINK = "link"
    UNLINK = "unlink"
    PAYSUPPORT = "paysupport"
    VERIFY = "verify"
    SUPPORT = "support"
    PORTRAITS = "shoot"
    ALIVE = "alive"
    RELATION = "who"
    MOTION = "motion"
    TOGETHER = "together"
    CLIP = "clip"
    PAINT = "paint"
    WISH = "wish"
    VIDEO = "video"


Action = tuple[Intent, str]

COMMANDS: Final = (
    Intent.START,
    Intent.ALIVE,
    Intent.PAINT,
    Intent.STYLES,
    Intent.AVATAR,
    Intent.CREDITS,
    Intent.INVITE,
    Intent.ORDERS,
    Intent.CANCEL,
    Intent.MYDATA,
    Intent.REVOKE,
    Intent.ERASE,
    Intent.LINK,
    Intent.UNLINK,
    Intent.TERMS,
    Intent.PRIVACY,
    Intent.LANGUAGE,
    Intent.VERIFY,
    Intent.PAYSUPPORT,
    Intent.SUPPORT,
    Intent.HELP,
)
"""In the order of the platform's menu; each has a message ``command-...``."""

WORDS: Final[dict[str, Action]] = {
    "words-start": (Intent.START, ""),
    "words-where": (Intent.WHERE, ""),
    "words-help": (Intent.HELP, ""),
    "words-price": (Intent.CREDITS, "price"),
    "words-language": (Intent.LANGUAGE, ""),
    "words-terms": (Intent.TERMS, ""),
    "words-privacy": (Intent.PRIVACY, ""),
    "words-agree": (Intent.AGREE, ""),
    "words-decline": (Intent.DECLINE, ""),
    "words-revoke": (Intent.REVOKE, ""),
    "words-woman": (Intent.SUBJECT, "woman"),
    "words-man": (Intent.SUBJECT, "man"),
    "words-person": (Intent.SUBJECT, "person"),
    "words-tips": (Intent.TIPS, ""),
    "words-done": (Intent.DONE, ""),
    "words-out": (Intent.OUT, ""),
    "words-pay": (Intent.PAY, ""),
    "words-cancel": (Intent.CANCEL, ""),
    "words-styles": (Intent.STYLES, ""),
    "words-more": (Intent.MORE, ""),
    "words-fairer": (Intent.MORE_BEAUTIFUL, ""),
    "words-again": (Intent.AGAIN, ""),
    "words-expression": (Intent.EXPRESSION, ""),
    "words-originals": (Intent.ORIGINALS, ""),
    "words-share": (Intent.SHARE, ""),
    "words-invite": (Intent.INVITE, ""),
    "words-avatar": (Intent.AVATAR, ""),
    "words-new": (Intent.NEW, ""),
    "words-orders": (Intent.ORDERS, ""),
    "words-credits": (Intent.CREDITS, ""),
    "words-mydata": (Intent.MYDATA, ""),
    "words-erase": (Intent.ERASE, ""),
    "words-link": (Intent.LINK, ""),
    "words-unlink": (Intent.UNLINK, ""),
    "words-paysupport": (Intent.PAYSUPPORT, ""),
    "words-support": (Intent.SUPPORT, ""),
    "words-verify": (Intent.VERIFY, ""),
    "words-alive": (Intent.ALIVE, ""),
    "words-together": (Intent.ALIVE, "together"),
    "words-clip": (Intent.CLIP, ""),
    "words-paint": (Intent.PAINT, ""),
    "words-film": (Intent.PAINT, "film"),
    "words-self": (Intent.RELATION, "self"),
    "words-living": (Intent.RELATION, "living"),
    "words-dead": (Intent.RELATION, "dead"),
}


def action(intent: Intent, argument: str = "") -> str:
    """What a button carries. Raises ValueError for one too long or not ASCII."""
    text = f"{intent}:{argument}" if argument else intent.value
    if len(text) > MAX_ACTION or not text.isascii():
        raise ValueError(f"not a button's action: {text!r}")
    return text


def read_action(text: str) -> Action | None:
    """The opposite of :func:`action`; None for anything else."""
    name, _, argument = text.partition(":")
    if len(text) > MAX_ACTION or name not in set(Intent):
        return None
    return Intent(name), argument


def read_words(text: str) -> Action | None:
    """What typed words ask for: a command, or a phrase of any of our languages.

    Of what follows a command two alone keep something: ``/start`` the payload of a deep link, and
    ``/link``, or a phrase for it, a code to link chats. The code alone says the same.
    """
    command = re.match(r"\s*/([A-Za-z]+)(?:@\w+)?(?:\s+(.*)|$)", text, re.DOTALL)
    if command:
        name = command[1].lower()
        if name not in set(COMMANDS):
            return None
        kept = {Intent.START: _start_payload, Intent.LINK: link_codes.read}.get(Intent(name))
        return Intent(name), kept(command[2] or "") if kept else ""
    return phrases().get(normalized(text)) or _link_with_code(text)


def _link_with_code(text: str) -> Action | None:
    """A code, alone or behind a phrase for linking chats."""
    known, short = phrases(), normalized(text)
    code, phrase = link_codes.read(short[-link_codes.LENGTH :]), short[: -link_codes.LENGTH]
    asked = not phrase or known.get(phrase) == (Intent.LINK, "")
    return (Intent.LINK, code) if code and asked else None


def _start_payload(rest: str) -> str:
    """What a deep link can carry, or ""."""
    payload = rest.strip()
    return payload if PAYLOAD_PATTERN.fullmatch(payload) else ""


def normalized(text: str) -> str:
    """A phrase without case, accents, marks and spaces, as phrases are compared."""
    spread = unicodedata.normalize("NFKD", text.casefold()[:200])
    kept = (sign for sign in spread if unicodedata.category(sign)[0] in "LN")
    return unicodedata.normalize("NFC", "".join(kept))


@cache
def phrases() -> dict[str, Action]:
    """Every phrase of every language, as :func:`normalized` writes it."""
    known: dict[str, Action] = {}
    for texts in every():
        entries = [(texts(key), wanted) for key, wanted in WORDS.items()]
        entries.append((texts("words-language-this"), (Intent.LANGUAGE, texts.language)))
        for listed, wanted in entries:
            for phrase in listed.split("|"):
                known.setdefault(normalized(phrase), wanted)
    return known


def button(
    texts: Texts, key: str, intent: Intent, argument: str = "", **variables: str | int
) -> Button:
    """A button with the message ``key`` on it."""
    return Button(texts(key, **variables), action(intent, argument))


def column(*buttons: Button) -> Keyboard:
    """One button a row: for sentences."""
    return tuple((one,) for one in buttons)


def pairs(*buttons: Button) -> Keyboard:
    """Two buttons a row: for words."""
    return tuple(tuple(buttons[i : i + 2]) for i in range(0, len(buttons), 2))

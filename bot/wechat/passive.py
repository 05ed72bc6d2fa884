"""The passive reply: the answer in a callback's own response, which costs no message."""

from datetime import datetime
from typing import Final

_REPLY: Final = (
    "<xml><ToUserName><![CDATA[{to}]]></ToUserName>"
    "<FromUserName><![CDATA[{sender}]]></FromUserName>"
    "<CreateTime>{seconds}</CreateTime>"
    "<MsgType><![CDATA[text]]></MsgType>"
    "<Content><![CDATA[{text}]]></Content></xml>"
)


def text_reply(to: str, sender: str, text: str, now: datetime) -> str:
    """The XML of a text. ``]]>`` in it ends one section and begins the next; what XML cannot hold
    is left out."""
    clean = "".join(sign for sign in text if _fits(sign)).replace("]]>", "]]]]><![CDATA[>")
    return _REPLY.format(to=to, sender=sender, seconds=int(now.timestamp()), text=clean)


def _fits(sign: str) -> bool:
    """Whether XML 1.0 can hold that character."""
    return (
        sign in "\t\n\r"
        or " " <= sign <= "\ud7ff"
        or "\ue000" <= sign <= "\ufffd"
        or sign > "\uffff"
    )

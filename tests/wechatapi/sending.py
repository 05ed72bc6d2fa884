"""What a customer-service message must be like."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from tests.wechatapi.media import Media
from tests.wechatapi.records import Article, Json, Refusal, Seen

MOST_BYTES = 2048
"""Of a text: a guess, from what others measured (2,047 went through)."""


class Messages:
    """Turns the body of ``message/custom/send`` into what a person sees. Raises refusals."""

    def __init__(self, media: Media) -> None:
        self._media = media

    def read(self, said: Json) -> Seen:
        kind = said.get("msgtype")
        if not isinstance(kind, str) or kind not in self._kinds:
            raise Refusal(40008)
        inner = said.get(kind)
        if not isinstance(inner, dict):
            raise Refusal(44004 if kind == "text" else 40035)
        return self._kinds[kind](self, inner)

    def _text(self, inner: Json) -> Seen:
        content = inner.get("content")
        if not isinstance(content, str) or not content:
            raise Refusal(44004)
        if len(content.encode()) > MOST_BYTES:
            raise Refusal(45002)
        return Seen("custom", "text", content)

    def _image(self, inner: Json) -> Seen:
        return Seen("custom", "image", data=self._file(inner, "media_id", "image"))

    def _voice(self, inner: Json) -> Seen:
        return Seen("custom", "voice", data=self._file(inner, "media_id", "voice"))

    def _video(self, inner: Json) -> Seen:
        data = self._file(inner, "media_id", "video")
        return Seen("custom", "video", str(inner.get("title", "")), data)

    def _music(self, inner: Json) -> Seen:
        if not inner.get("musicurl"):
            raise Refusal(40035)
        data = self._file(inner, "thumb_media_id", "thumb")
        return Seen("custom", "music", str(inner.get("title", "")), data)

    def _news(self, inner: Json) -> Seen:
        articles = inner.get("articles")
        if not isinstance(articles, list) or not articles:
            raise Refusal(40035)
        if len(articles) > 1:
            raise Refusal(45008)
        card = articles[0]
        if not isinstance(card, dict) or not card.get("title") or not card.get("url"):
            raise Refusal(40035)
        names = ("title", "description", "url", "picurl")
        title, about, url, picture = (str(card.get(name) or "") for name in names)
        if not url.startswith(("http://", "https://")):
            raise Refusal(40066)
        for text, most, code in ((title, 64, 45003), (about, 512, 45004), (url, 1024, 45005)):
            if len(text.encode()) > most:
                raise Refusal(code)
        return Seen("custom", "news", articles=(Article(title, about, url, picture),))

    def _menu(self, inner: Json) -> Seen:
        items = inner.get("list")
        if not isinstance(items, list) or not items:
            raise Refusal(40035)
        choices = {str(each["id"]): str(each["content"]) for each in items}
        text = "\n".join(str(inner.get(name) or "") for name in ("head_content", "tail_content"))
        return Seen("custom", "msgmenu", text.strip(), choices=choices)

    def _file(self, inner: Json, name: str, kind: str) -> bytes:
        return self._media.get(str(inner.get(name) or ""), kind).data

    _kinds: ClassVar[dict[str, Callable[[Messages, Json], Seen]]] = {
        "text": _text,
        "image": _image,
        "voice": _voice,
        "video": _video,
        "music": _music,
        "news": _news,
        "msgmenu": _menu,
    }

"""Texts with ``parse_mode``: what is left of them for the reader, and what cannot be parsed."""

from html.parser import HTMLParser

_TAGS = frozenset(
    [
        "b",
        "strong",
        "i",
        "em",
        "u",
        "ins",
        "s",
        "strike",
        "del",
        "span",
        "tg-spoiler",
        "a",
        "code",
        "pre",
        "blockquote",
        "tg-emoji",
    ]
)
_MODES = ("html", "markdown", "markdownv2")


class MarkupError(ValueError):
    """In Telegram's words."""


def plain(text: str, mode: str) -> str:
    """The text without its HTML. Markdown is not judged, and is returned as it is.

    Raises :class:`MarkupError`.
    """
    if mode.lower() not in _MODES:
        raise MarkupError("unsupported parse_mode")
    if mode.lower() != "html":
        return text
    reader = _Reader()
    reader.feed(text)
    reader.close()
    if reader.open:
        raise MarkupError(f"can't parse entities: Can't find end tag corresponding to start tag "
                          f'"{reader.open[-1]}"')  # fmt: skip
    return "".join(reader.words)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self.open: list[str] = []

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in _TAGS:
            raise MarkupError(f'can\'t parse entities: Unsupported start tag "{tag}"')
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            raise MarkupError("can't parse entities: Unexpected end tag")

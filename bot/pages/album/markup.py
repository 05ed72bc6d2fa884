"""The album's HTML. No script and no style stands in it, nothing comes from elsewhere, and every
word and id in it is escaped."""

from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path
from string import Template
from typing import Final

from bot.fitting import POSTER
from bot.pages.album import ALBUM
from bot.pages.album.album import SETS_AT_FIRST, Album, PortraitSet
from bot.pages.document import data_attributes, document
from handlers.intents import Intent, action
from handlers.progress.clips import motion_title
from handlers.steps.styles import title_in
from handlers.texts import Texts
from shop.catalog import Catalog
from shop.catalog.entries import PORTRAITS
from shop.records import Clip, Portrait, Shoot

_TEMPLATES: Final = Path(__file__).with_name("templates")
_EAGER_SETS: Final = 1  # whose pictures are fetched at once; all others as they come into view

_ADJUSTMENTS: Final = (
    ("portraits-button-more", Intent.MORE),
    ("portraits-button-fairer", Intent.MORE_BEAUTIFUL),
    ("portraits-button-again", Intent.AGAIN),
    ("portraits-button-expression", Intent.EXPRESSION),
)
_MENU: Final = (
    ("album-where", Intent.WHERE),
    ("studio-button-new", Intent.NEW),
    ("album-orders", Intent.ORDERS),
    ("album-help", Intent.PAYSUPPORT),
    ("album-data", Intent.MYDATA),
    ("album-erase", Intent.ERASE),
)
_SCRIPT_WORDS: Final = (
    "busy", "offline", "trouble", "hold", "share-in-chat", "share-by-file",
)  # fmt: skip


def album_page(words: Texts, path: str, catalog: Catalog, album: Album, *, sells: bool) -> str:
    """The whole page. ``sells``: whether it may lead to a bill."""
    said = {name: words(f"album-{name}") for name in _SCRIPT_WORDS}
    data = data_attributes({"path": path, "again": words("page-retry"), **said})
    menu = "".join(
        f'<li><button type="button" data-action="{intent}"'
        f"{' class=danger' if intent is Intent.ERASE else ''}>{escape(words(key))}</button></li>"
        for key, intent in _MENU
        if sells or intent is not Intent.NEW
    )
    body = Template((_TEMPLATES / "album.html").read_text("utf-8")).substitute(
        data=data,
        title=escape(words("album-title")),
        balance=_balance(words, album, sells=sells),
        sets=album_sets(words, path, catalog, album),
        styles=escape(words("portraits-button-styles")),
        styles_action=Intent.STYLES,
        more=escape(words("album-menu")),
        menu=menu,
        close=escape(words("page-close"), quote=True),
        previous=escape(words("page-previous"), quote=True),
        following=escape(words("page-next"), quote=True),
        picture=escape(words("page-picture"), quote=True),
        original=escape(words("album-original")),
        share=escape(words("portraits-button-share")),
        noscript=escape(words("album-noscript")),
    )
    return document(ALBUM, words, body, "album.js")


def album_sets(words: Texts, path: str, catalog: Catalog, album: Album) -> str:
    """What changes when portraits come: the sets, within one element that names its revision and
    says whether more is to come."""
    waiting = ' data-waiting="1"' if any(one.is_waiting for one in album.sets) else ""
    sets = [
        _set(words, path, catalog, album, one, eager=number < _EAGER_SETS)
        for number, one in enumerate(album.sets)
    ]
    if album.clips:
        sets.insert(0, _clips(words, path, catalog, album.clips))
    if not sets:
        go_on = f'<button type="button" class="key main" data-action="{Intent.WHERE}">'
        sets = [
            f'<div class="empty"><p>{escape(words("album-empty"))}</p>'
            f"{go_on}{escape(words('button-where'))}</button></div>"
        ]
    if album.has_older:
        more = len(album.sets) + SETS_AT_FIRST
        sets.append(
            f'<p class="older"><a class="key" href="{escape(path)}?sets={more}">'
            f"{escape(words('album-older'))}</a></p>"
        )
    data = data_attributes(
        {"revision": album.revision, "balance": words("album-balance", count=album.balance)}
    )
    return f'<div id="sets"{data}{waiting}>{"".join(sets)}</div>'


def _clips(words: Texts, path: str, catalog: Catalog, clips: Sequence[Clip]) -> str:
    """The clips, each with its first frame until it is played, and a way to keep its file."""
    shown = "".join(
        f"<li>{_clip(words, path, motion_title(catalog, words, one.motion), one)}</li>"
        for one in clips
    )
    return (
        f'<section class="set" aria-labelledby="t-clips">'
        f'<h2 id="t-clips">{escape(words("album-clips"))}</h2>'
        f'<ul class="strip" role="list">{shown}</ul></section>'
    )


def _clip(words: Texts, path: str, motion: str, clip: Clip) -> str:
    src, poster = (escape(f"{path}/picture/{id}") for id in (clip.id, f"{POSTER}{clip.id}"))
    alt = escape(words("clip-alt", motion=motion), quote=True)
    return (
        f'<video class="clip" src="{src}" poster="{poster}" width="{clip.width}" '
        f'height="{clip.height}" aria-label="{alt}" controls muted loop playsinline '
        f'preload="none"></video><p class="about">{escape(motion)} · '
        f'<a href="{src}?download=1" download>{escape(words("clip-button-file"))}</a></p>'
    )


def _balance(words: Texts, album: Album, *, sells: bool) -> str:
    text = escape(words("album-balance", count=album.balance))
    if not sells:
        return f'<p class="balance">{text}</p>'
    return f'<button type="button" class="balance" data-action="{Intent.CREDITS}">{text}</button>'


def _set(
    words: Texts, path: str, catalog: Catalog, album: Album, one: PortraitSet, *, eager: bool
) -> str:
    shoot = one.shoot
    title = escape(title_in(catalog, words.language, shoot.template))
    day = words.day(shoot.done_at or shoot.created_at)
    strength, beauty = words.strength(shoot.weight), words.percent(shoot.beauty)
    about = words("album-about", day=day, strength=strength, beauty=beauty)
    about = escape(about if shoot.avatar_id else day)
    head = f'<h2 id="t-{shoot.id}">{title}</h2>'
    if one.is_waiting:
        frames = '<li class="frame"></li>' * PORTRAITS
        body = (
            f'<p class="about" role="status">{escape(words("album-painting"))}</p>'
            f'<ul class="strip still" aria-hidden="true">{frames}</ul>'
        )
    else:
        pictures = "".join(
            f"<li>{_picture(words, path, title, number, portrait, eager=eager)}</li>"
            for number, portrait in enumerate(one.portraits, start=1)
        )
        body = f'<p class="about">{about}</p><ul class="strip" role="list">{pictures}</ul>'
        if album.has_avatar or shoot.prompt_id:
            body += f'<div class="keys">{"".join(_adjustments(words, album, shoot))}</div>'
    return f'<section class="set" aria-labelledby="t-{shoot.id}">{head}{body}</section>'


def _picture(
    words: Texts, path: str, title: str, number: int, portrait: Portrait, *, eager: bool
) -> str:
    """One portrait; ``title`` is escaped. Its size stands there before it has come, so that nothing
    jumps."""
    src = escape(f"{path}/picture/{portrait.id}")
    alt = words("portraits-alt", style="{}", number=number).replace("{}", title)
    loading = 'fetchpriority="high"' if eager and number == 1 else 'loading="lazy"'
    return (
        f'<button type="button" class="portrait"><img src="{src}" width="{portrait.width}" '
        f'height="{portrait.height}" alt="{alt}" decoding="async" {loading}></button>'
    )


def _adjustments(words: Texts, album: Album, shoot: Shoot) -> Iterator[str]:
    """What can be done with a set: with one in own words no other expression, and with one of
    nobody nothing about a likeness."""
    cost = escape(words("album-cost", cost=album.cost))
    lacks = {Intent.EXPRESSION} if shoot.prompt_id else set()
    lacks |= set() if shoot.avatar_id else {Intent.MORE, Intent.MORE_BEAUTIFUL}
    for key, intent in _ADJUSTMENTS:
        if intent in lacks:
            continue
        does = action(intent, shoot.id)
        main = " main" if intent is Intent.MORE else ""
        yield (
            f'<button type="button" class="key{main}" data-action="{does}">'
            f"<span>{escape(words(key))}</span><small>{cost}</small></button>"
        )

"""The HTML around every personal page, and the views that all of them have. No script and no style
stands in it, nothing comes from elsewhere, and every word and id in it is escaped."""

from collections.abc import Mapping
from html import escape
from pathlib import Path
from string import Template
from typing import Final

from bot.pages.personal_page import PersonalPage
from bot.web.security_headers import SECURITY_HEADERS
from handlers.texts import Texts

STATIC: Final = Path(__file__).with_name("static")
"""What all pages share."""

_TEMPLATES: Final = Path(__file__).with_name("templates")
_CSP: Final = "Content-Security-Policy"


def page_headers(embedded_by: str = "") -> dict[str, str]:
    """The headers of whatever is one person's: kept by nobody, indexed by nobody, and framed by
    ``embedded_by`` (an origin) alone. Browsers go by that rather than by ``X-Frame-Options``."""
    framers = embedded_by or "'none'"
    policy = SECURITY_HEADERS[_CSP].replace("frame-ancestors 'none'", f"frame-ancestors {framers}")
    return {
        _CSP: policy,
        "Cache-Control": "private, no-store",
        "X-Robots-Tag": "noindex, nofollow, noarchive",
    }


def notice(page: PersonalPage, words: Texts, what: str, again: str = "") -> str:
    """A view of a title and a sentence; ``again`` is an address to try once more."""
    key = page.word(what)
    link = (
        f'<p><a class="key main" href="{escape(again)}">{escape(words("page-retry"))}</a></p>'
        if again
        else ""
    )
    body = (
        f'<main class="notice" role="status"><h1>{escape(words(f"{key}-title"))}</h1>'
        f"<p>{escape(words(key))}</p>{link}</main>"
    )
    return document(page, words, body)


def proof_page(page: PersonalPage, words: Texts, path: str, fragment: str) -> str:
    """The page that posts what the platform put into its address, and becomes what it names."""
    data = data_attributes({
        "path": path, "field": fragment, "unproven": words(page.word("unproven")),
        "not-yours": words(page.word("not-yours")), "outside": words(page.word("outside")),
        "offline": words(page.word("offline")), "again": words("page-retry"),
    })  # fmt: skip
    body = (
        f'<main class="notice" id="door"{data}><h1>{escape(words(page.word("title")))}</h1>'
        f'<p role="status">{escape(words(page.word("checking")))}</p>'
        f"<noscript><p>{escape(words(page.word('noscript')))}</p></noscript></main>"
    )
    return document(page, words, body, "door.js")


def document(page: PersonalPage, words: Texts, body: str, script: str = "") -> str:
    """The whole view. ``script``: a file of the page's, or a shared one."""
    static = f"{page.path}/static"
    tag = f'<script type="module" src="{static}/{script}"></script>' if script else ""
    styles = "\n  ".join(
        f'<link rel="stylesheet" href="{static}/{one}">' for one in ("page.css", *page.styles)
    )
    return Template((_TEMPLATES / "page.html").read_text("utf-8")).substitute(
        language=words.language.replace("_", "-"),
        title=escape(words(page.word("title"))),
        static=static,
        styles=styles,
        script=tag,
        body=body,
    )


def data_attributes(values: Mapping[str, str]) -> str:
    """As ``data-...``, a space before each."""
    return "".join(f' data-{name}="{escape(text, quote=True)}"' for name, text in values.items())

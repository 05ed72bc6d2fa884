"""The way back from a page to the chat that led there; ``way_back.js`` is its script."""

from html import escape

from handlers.texts import Texts


def way_back(words: Texts, address: str = "") -> str:
    """A link to the chat; without an address a button, shown in an app that can close the page."""
    label = escape(words("way-back"))
    if not address:
        return f'<p class="back"><button id="back" type="button" hidden>{label}</button></p>'
    return f'<p class="back"><a id="back" href="{escape(address, quote=True)}">{label}</a></p>'

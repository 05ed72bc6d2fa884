"""XML as WeChat writes it in callbacks, and as it reads it in answers."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Mapping

Value = str | int | float | Mapping[str, "Value"]
Fields = Mapping[str, Value]


class NotXml(ValueError):
    """Nothing that WeChat would read."""


def written(fields: Fields) -> str:
    """Text in CDATA, numbers bare, in the order given. A text is not escaped, so control characters
    go out as they came; only ``]]>`` is cut in two, as it must be."""
    return f"<xml>{_inner(fields)}</xml>"


def _inner(fields: Fields) -> str:
    return "".join(f"<{name}>{_value(each)}</{name}>" for name, each in fields.items())


def _value(value: Value) -> str:
    if isinstance(value, Mapping):
        return _inner(value)
    if isinstance(value, str):
        return "<![CDATA[" + value.replace("]]>", "]]]]><![CDATA[>") + "]]>"
    return str(value)


def read(body: bytes) -> ET.Element:
    """The root of an answer. Raises :class:`NotXml`, for document types as well."""
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        raise NotXml("a document type")
    try:
        root = ET.fromstring(body.decode())
    except (ET.ParseError, UnicodeDecodeError, ValueError) as why:
        raise NotXml(str(why)) from None
    if root.tag != "xml":
        raise NotXml(f"<{root.tag}>, not <xml>")
    return root


def text(root: ET.Element, path: str) -> str:
    """What stands there. Raises :class:`NotXml` if it is missing, twice there, or not a text."""
    found = root.findall(path)
    if len(found) != 1:
        raise NotXml(f"{path}: {len(found)} times")
    if len(found[0]):
        raise NotXml(f"{path}: not a text")
    return found[0].text or ""

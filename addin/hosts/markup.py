"""How do parts of a package spell their XML, and how do texts stand in it?

Source: ECMA-376, Office Open XML, part 1, section 22.9.2.19 (ST_Xstring).
"""

import re
from typing import Any, Final

from lxml import etree

_SAFE: Final = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
_NO_COMMENTS: Final = etree.XMLParser(
    resolve_entities=False, no_network=True, huge_tree=True, remove_comments=True
)
_DECLARATION: Final = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_ENCODING: Final = re.compile(rb"<\?xml[^>]*\bencoding=[\"']([\w.-]+)[\"']")
_ESCAPED: Final = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_FORBIDDEN: Final = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_SPECIAL: Final = re.compile("[&<>_\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
_ENTITY: Final = re.compile(r"&(#x[0-9A-Fa-f]+|#\d+|\w+);")
_UNESCAPE: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")
_NAMED: Final = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}


def parsed(content: bytes, *, comments: bool = True) -> Any:
    """A part's XML, with its comments or without."""
    return etree.fromstring(content, _SAFE if comments else _NO_COMMENTS)


def written(root: Any) -> bytes:
    """A part's bytes."""
    return _DECLARATION + bytes(etree.tostring(root.getroottree(), encoding="UTF-8"))


def in_utf8(content: bytes) -> bytes:
    """A part in UTF-8; parts may also come in UTF-16."""
    told = _ENCODING.match(content, 3 if content.startswith(b"\xef\xbb\xbf") else 0)
    is_utf8 = b"\x00" not in content[:4] and (told is None or told[1].upper() == b"UTF-8")
    return content if is_utf8 else written(parsed(content))


def namespace(root: Any) -> str:
    """The namespace of a part's root, in braces."""
    return str(root.tag).rpartition("}")[0] + "}"


def escaped(text: str) -> bytes:
    """A text as a file holds it: what XML cannot hold is spelled _x0000_."""
    if not _SPECIAL.search(text):
        return text.encode("utf-8")
    text = _ESCAPED.sub("_x005F_", text)
    text = _SURROGATE.sub("\ufffd", text)
    return plainly_escaped(_FORBIDDEN.sub(lambda sign: f"_x{ord(sign[0]):04X}_", text))


def plainly_escaped(text: str) -> bytes:
    """A text with only what XML itself asks for, as formulas are held."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace("\r", "&#13;").encode("utf-8")


def unescaped(text: bytes) -> str:
    """A text as people typed it, from a part's bytes."""
    return unspelled(_without_entities(text))


def plainly_unescaped(text: bytes) -> str:
    """A formula as people typed it, from a part's bytes."""
    return _without_entities(text)


def unspelled(text: str) -> str:
    """A text whose signs spelled _x0000_ are themselves again."""
    if "_x" not in text:
        return text
    text = _UNESCAPE.sub(_sign, text)
    # One sign of another plane may be spelled as two.
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _without_entities(text: bytes) -> str:
    held = text.decode("utf-8")
    if "\r" in held:
        held = held.replace("\r\n", "\n").replace("\r", "\n")
    return _ENTITY.sub(_entity, held) if "&" in held else held


def _entity(match: re.Match[str]) -> str:
    name = match[1]
    if name.startswith("#x"):
        return chr(int(name[2:], 16))
    return chr(int(name[1:])) if name.startswith("#") else _NAMED[name]


def _sign(match: re.Match[str]) -> str:
    return chr(int(match[1], 16))

"""
What people write, as HTML that can do nothing.

CommonMark without headings, pictures and HTML of one's own; links lead to http, https and mailto only. What comes of it
is cleaned once more against a list of what is allowed, so that a fault of the reader of markdown opens nothing.
"""

import re
from collections.abc import Mapping
from html import escape
from typing import Any
from uuid import UUID

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

SCHEMES = {"http", "https", "mailto"}
TAGS = {"p", "br", "strong", "em", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a", "hr", "span"}
ATTRIBUTES = {"a": {"href"}, "ol": {"start"}}
# A person who is named: the database holds the id only, the page the name of today.
MENTION = re.compile(r"@\[([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\]")
# A bare address ends before the punctuation of the sentence it stands in.
_BARE = re.compile(r"https?://[^\s<>\"'`]*[^\s<>\"'`.,;:!?)\]}*_]")


def html(text: str, names: Mapping[UUID, str] | None = None) -> str:
    """
    The text as safe HTML.

    names : what the people are called whom the text names.
    """
    made = str(_reader.render(text, {"names": names or {}}))
    return nh3.clean(
        made,
        tags=TAGS,
        attributes=ATTRIBUTES,
        url_schemes=SCHEMES,
        link_rel="noopener noreferrer nofollow",
        allowed_classes={"span": {"qd-mention"}},
    )


def plain(text: str, names: Mapping[UUID, str] | None = None) -> str:
    """The text as it was written, with names for the people it names: for mails without HTML, and to write it anew."""
    known = names or {}
    return MENTION.sub(lambda found: f"@{known[UUID(found[1])]}" if UUID(found[1]) in known else found[0], text)


def mentioned(text: str) -> list[UUID]:
    """The people a text names, each once, in order."""
    return list(dict.fromkeys(UUID(found[1]) for found in MENTION.finditer(text)))


def quoted(text: str) -> str:
    """The text as a quotation, to answer to."""
    return "".join(f"> {line}".rstrip() + "\n" for line in text.strip().splitlines())


def _allowed(address: str) -> bool:
    return address.strip().lower().startswith(("http://", "https://", "mailto:"))


def _name_people_and_addresses(state: StateCore) -> None:
    """Within words outside of links and code: people who are named, and bare addresses."""
    names = state.env.get("names", {})
    for block in state.tokens:
        if block.type == "inline" and block.children:
            block.children = _with_parts(block.children, names)


def _with_parts(tokens: list[Token], names: Mapping[UUID, str]) -> list[Token]:
    found: list[Token] = []
    depth = 0
    for token in tokens:
        depth += {"link_open": 1, "link_close": -1}.get(token.type, 0)
        found += _parts(token, names) if token.type == "text" and not depth else [token]
    return found


def _parts(token: Token, names: Mapping[UUID, str]) -> list[Token]:
    found: list[Token] = []
    at = 0
    text = token.content
    hits = sorted([*MENTION.finditer(text), *_BARE.finditer(text)], key=lambda hit: hit.start())
    for hit in hits:
        if hit.start() < at:
            continue
        if hit.re is MENTION:
            name = names.get(UUID(hit[1]))
            if name is None:
                continue
            new = [Token("mention", "", 0, content=name)]
        else:
            new = [
                Token("link_open", "a", 1, attrs={"href": hit[0]}),
                Token("text", "", 0, content=hit[0]),
                Token("link_close", "a", -1),
            ]
        found += [Token("text", "", 0, content=text[at : hit.start()]), *new]
        at = hit.end()
    return [*found, Token("text", "", 0, content=text[at:])] if found else [token]


def _render_mention(renderer: RendererHTML, tokens: list[Token], index: int, options: Any, env: Any) -> str:
    return f'<span class="qd-mention">@{escape(tokens[index].content)}</span>'


def _made() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": False, "breaks": True})
    reader.enable("strikethrough")
    reader.disable(["heading", "lheading", "image", "html_block", "html_inline"])
    reader.validateLink = _allowed  # type: ignore[method-assign,assignment]
    reader.core.ruler.push("people_and_addresses", _name_people_and_addresses)
    reader.add_render_rule("mention", _render_mention)
    return reader


_reader = _made()

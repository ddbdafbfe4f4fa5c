"""Finds in a page what would run."""

import re
from html.parser import HTMLParser

# Elements none of our pages has, and those it has with a nonce of its own.
NEVER = {
    "iframe",
    "object",
    "embed",
    "frame",
    "frameset",
    "base",
    "applet",
    "marquee",
    "foreignobject",
    "animate",
    "set",
}
ADDRESSES = {
    "href",
    "src",
    "action",
    "formaction",
    "xlink:href",
    "data",
    "srcdoc",
    "background",
    "poster",
    "hx-get",
    "hx-post",
}
RUNS = re.compile(
    r"[\x00-\x20]*(?:j\s*a\s*v\s*a\s*s\s*c\s*r\s*i\s*p\s*t|v\s*b\s*s\s*c\s*r\s*i\s*p\s*t)\s*:|\s*data:text/html",
    re.IGNORECASE,
)
CANARY = re.compile(r"qdx\(", re.IGNORECASE)


class Survivors(HTMLParser):
    """Feed it a page; `found` says what would run there."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.inside = tag if tag in {"script", "style"} else ""
        if tag in NEVER:
            self.found.append(f"<{tag}>")
        if tag == "script" and not given.get("nonce") and given.get("type") != "application/json":
            self.found.append("<script> without a nonce")
        for name, value in given.items():
            if name.startswith(("on", "hx-on", "x-init")):
                self.found.append(f"{name} on <{tag}>")
            if name in ADDRESSES and RUNS.match(value):
                self.found.append(f"{name}={value[:30]} on <{tag}>")
            if CANARY.search(value) and (name in {"style", "srcdoc", "x-data"} or name.startswith(("x-on", "x-bind"))):
                self.found.append(f"{name} with a call on <{tag}>")

    def handle_endtag(self, tag: str) -> None:
        if tag == self.inside:
            self.inside = ""

    def handle_data(self, data: str) -> None:
        # JSON in a page is escaped so that it cannot end its element; a call in a script or style is one that runs.
        if self.inside and CANARY.search(data) and not data.lstrip().startswith(("{", "[", '"')):
            self.found.append(f"a call inside <{self.inside}>")


def survivors(page: str) -> list[str]:
    """What would run on a page; nothing, if all is well."""
    parser = Survivors()
    parser.feed(page)
    parser.close()
    return parser.found

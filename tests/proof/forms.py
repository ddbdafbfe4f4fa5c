"""What the pages let somebody send: their forms as a browser would send them, and the links with parameters."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urljoin, urlsplit

Pairs = tuple[tuple[str, str], ...]
TOKEN = "csrfmiddlewaretoken"
# What somebody types into an empty field, by its name or its kind.
TYPED = {
    "address": "https://documents.example.org/a",
    "parameters": "sort=name",
    "date": "2026-11-24",
    "email": "somebody@norhaven.example",
    "number": "1",
    "url": "https://documents.example.org/a",
}


@dataclass
class Control:
    """
    A field of a form, or all of one name of a group.

    options: what can be chosen; empty where something is typed. sent: what a browser sends if nobody touches it.
    """

    name: str
    kind: str
    options: list[str] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)
    needed: bool = False

    @property
    def filled(self) -> list[str]:
        """With something typed or chosen where something is needed."""
        if any(self.sent) or not self.needed:
            return self.sent
        offered = [each for each in self.options if each]
        return [offered[0]] if offered else [TYPED.get(self.name, TYPED.get(self.kind, "Trial"))]


@dataclass(frozen=True)
class Form:
    """A form and one of its buttons."""

    page: str
    address: str
    method: str
    controls: tuple[Control, ...]
    button: tuple[str, str] | None = None

    @property
    def body(self) -> dict[str, list[str]]:
        """What it sends, filled in."""
        sent = {each.name: each.filled for each in self.controls if each.filled}
        return sent | ({self.button[0]: [self.button[1]]} if self.button else {})

    @property
    def label(self) -> str:
        return f"{self.page} → {self.address} {'='.join(self.button) if self.button else ''}".strip()


@dataclass
class _Open:
    action: str
    method: str
    controls: dict[str, Control] = field(default_factory=dict)
    buttons: list[tuple[str, tuple[str, str] | None]] = field(default_factory=list)
    files: bool = False


class _Reader(HTMLParser):
    """Forms and links of a page; controls outside of a form name it by its id."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.page, self.links = page, list[str]()
        self.forms: dict[str, _Open] = {}
        self.inside: _Open | None = None
        self.select: Control | None = None
        self.area: Control | None = None
        self.away: list[tuple[str, Control]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "a" and given.get("href"):
            self.links.append(urljoin(self.page, given["href"]))
        elif tag == "form":
            action = given.get("hx-post") or given.get("action") or self.page
            method = "post" if "hx-post" in given else given.get("method", "get").lower()
            self.inside = _Open(urljoin(self.page, action), method)
            self.forms[given.get("id") or f"form-{len(self.forms)}"] = self.inside
        elif tag == "select":
            self.select = self.control(given, "select")
        elif tag == "textarea":
            self.area = self.control(given, "text")
        elif tag == "option" and self.select is not None:
            value = given.get("value", "")
            if "selected" in given or not self.select.options:
                self.select.sent = [value]
            self.select.options.append(value)
        elif tag in {"input", "button"}:
            self.pressed(given) if given.get("type", "submit" if tag == "button" else "text") == "submit" else (
                self.input(given) if tag == "input" else None
            )

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = None
        elif tag == "select":
            self.select = None
        elif tag == "textarea":
            self.area = None

    def handle_data(self, data: str) -> None:
        if self.area is not None and data.strip():
            self.area.sent = [data.strip("\r\n")]

    def control(self, given: dict[str, str], kind: str) -> Control:
        name = given.get("name", "")
        made = Control(name, kind, needed="required" in given)
        if not name or "disabled" in given:
            return made
        if "form" in given:
            self.away.append((given["form"], made))
        elif self.inside is not None:
            made = self.inside.controls.setdefault(name, made)
        return made

    def input(self, given: dict[str, str]) -> None:
        kind = given.get("type", "text")
        if kind in {"button", "reset", "image"}:
            return
        made = self.control(given, kind)
        made.needed = made.needed or "required" in given
        value = given.get("value", "on" if kind in {"checkbox", "radio"} else "")
        if kind in {"checkbox", "radio"}:
            made.options.append(value)
            made.sent += [value] if "checked" in given else []
        elif kind != "file":
            made.sent = [value]

    def pressed(self, given: dict[str, str]) -> None:
        if self.inside is not None:
            named = (given["name"], given.get("value", "")) if given.get("name") else None
            self.inside.buttons.append((given.get("formaction", ""), named))

    def found(self) -> Iterator[Form]:
        for name, control in self.away:
            if name in self.forms:
                known = self.forms[name].controls.setdefault(control.name, control)
                if known is not control:
                    known.options += control.options
                    known.sent += control.sent
        for each in self.forms.values():
            controls = tuple(control for control in each.controls.values() if control.name != TOKEN)
            form = Form(self.page, each.action, each.method, controls)
            for action, button in dict.fromkeys(each.buttons or [("", None)]):
                yield replace(form, address=urljoin(self.page, action) if action else form.address, button=button)


def read(page: str, body: bytes) -> tuple[list[Form], list[str]]:
    """The forms of a page, one for each of their buttons, and the links with parameters."""
    reader = _Reader(page)
    reader.feed(body.decode("utf-8", "replace"))
    here = urlsplit(page).netloc
    links = [each for each in reader.links if urlsplit(each).netloc == here and urlsplit(each).query]
    return [form for form in reader.found() if urlsplit(form.address).netloc == here], list(dict.fromkeys(links))


def asked(address: str) -> dict[str, list[str]]:
    """The parameters of an address."""
    found: dict[str, list[str]] = {}
    for name, value in parse_qsl(urlsplit(address).query, keep_blank_values=True):
        found.setdefault(name, []).append(value)
    return found

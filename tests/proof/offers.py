"""What people are offered to send: each form of each page, with the body that is accepted."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import resolve

from quarterdeck.exchange.tests import make as imports
from tests.access import TABLE
from tests.access.who import WHO
from tests.proof import forms
from tests.proof.forms import Control, Form
from tests.proof.world import World

# Who sees most asks first; the others are asked where these are refused.
FIRST = ("lead", "administrator", "manager", "auditor")
Body = dict[str, Any]


@dataclass(frozen=True)
class Offer:
    """A form that somebody is shown."""

    who: str
    form: Form

    @property
    def route(self) -> str:
        return str(resolve(self.form.address.partition("?")[0]).url_name)

    @property
    def label(self) -> str:
        return f"{self.who} {self.form.label}"

    def bodies(self) -> Iterator[Body]:
        """What is sent if nobody types more than needed, and with everything filled in."""
        yield {**self.form.body, **self.files()}
        fuller = {each.name: typed(each) for each in self.form.controls if each.kind != "file" and typed(each)}
        yield {**fuller, **self.form.body, **{k: v for k, v in fuller.items() if not any(self.form.body.get(k, []))},
               **self.files()}  # fmt: skip

    def files(self) -> Body:
        return {each.name: [a_file(self.route)] for each in self.form.controls if each.kind == "file"}


def a_file(route: str) -> SimpleUploadedFile:
    if route.startswith("import"):
        return SimpleUploadedFile("register.csv", imports.TWO)
    return SimpleUploadedFile("plan.txt", b"A plan")


def typed(control: Control) -> list[str]:
    """Something in a field that was left empty."""
    if any(control.sent):
        return control.sent
    if control.options:
        return [each for each in control.options if each][:1]
    if control.kind in {"hidden", "search"} and control.name not in forms.TYPED:
        return control.sent
    return [forms.TYPED.get(control.name, forms.TYPED.get(control.kind, "Trial"))]


@dataclass
class Offered:
    """All that is offered, and the links that stand beside it."""

    offers: dict[tuple[Any, ...], Offer] = field(default_factory=dict)
    links: dict[tuple[Any, ...], tuple[str, str]] = field(default_factory=dict)

    @classmethod
    def of(cls, world: World, *, only: str = "") -> "Offered":
        """To the first who gets each page, or to one person."""
        found = cls()
        for name, route in TABLE.items():
            codes = route.codes("get")
            people = [who for who in ([only] if only else [*FIRST, *WHO]) if codes.get(who) == 200]
            for who in people[:1]:
                found.look(world, who, world.address(name, world.own))
        return found

    def look(self, world: World, who: str, address: str) -> None:
        reply = world.look(who, address)
        if not reply.headers.get("Content-Type", "").startswith("text/html"):
            return
        made, links = forms.read(address, reply.body)
        for form in made:
            names = tuple(sorted(each.name for each in form.controls))
            if form.method == "post":
                route = resolve(form.address.partition("?")[0]).url_name
                self.offers.setdefault((route, form.button, names), Offer(who, form))
        for link in links:
            path = link.partition("?")[0]
            self.links.setdefault((resolve_name(path), *sorted(forms.asked(link))), (who, link))


def resolve_name(path: str) -> str:
    try:
        return str(resolve(path).url_name)
    except Exception:  # an address of files or of nothing: by itself
        return path

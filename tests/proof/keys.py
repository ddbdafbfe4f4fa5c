"""Which texts name a thing, and what names a hidden one and none of the same kind instead."""

import re
import uuid
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db.models import Model, UUIDField

from quarterdeck.core.models import Node, Person, Role
from tests.proof.world import World

NO_UID = str(uuid.UUID(int=77))
NO_REF, NO_NUMBER = "ZZZ-0099", "99999999"
WORD = re.compile(r"[^/|,=&\s]+")


@dataclass(frozen=True)
class Swap:
    """A text that names something hidden, and the same with what names nothing."""

    hidden: str
    absent: str


@dataclass
class Keys:
    """By the text that is in a form or an address."""

    known: dict[str, Swap] = field(default_factory=dict)
    numbers: dict[str, Swap] = field(default_factory=dict)

    @classmethod
    def of(cls, world: World) -> "Keys":
        keys = cls()
        hidden = {
            kind: Node.objects.get(ref=world.foreign[kind]) for kind in ("unit", "portfolio", "programme", "project")
        }
        for node in Node.objects.exclude(pk__in=[each.pk for each in hidden.values()]):
            instead = hidden.get(node.kind, hidden["unit"])
            keys.known[node.ref] = Swap(instead.ref, NO_REF)
            keys.known[str(node.uid)] = Swap(str(instead.uid), NO_UID)
        for role in Role.objects.all():
            keys.known[role.code] = Swap("yyy", "zzz")
        for model in apps.get_models():
            if model is not Node and has_uid(model) and not model._meta.label.endswith("Event"):
                rows = list(model._default_manager.order_by("-pk").values_list("uid", flat=True))
                # What was made last was made inside, so it is hidden. Nobody is hidden from everybody.
                hidden_uid = world.foreign["person"] if model is Person else str(next(iter(rows), ""))
                keys.known |= {str(each): Swap(hidden_uid, NO_UID) for each in rows if str(each) != hidden_uid}
        keys.numbers = {"unit": Swap(str(hidden["unit"].pk), NO_NUMBER)}
        for name, thing in (("portfolio", world.hidden), ("project", world.secret)):
            keys.numbers[name] = Swap(str(thing.pk), NO_NUMBER)
        return keys

    def swap(self, name: str, text: str) -> Swap | None:
        """A text of a field with another key in it; None if it holds none. Numbers are known by the field's name."""
        field_name = name.rpartition("-")[2]
        if text.isdigit():
            return self.numbers.get(field_name)
        if text in self.known:
            return self.known[text]
        for word in WORD.findall(text):
            found = self.known.get(word)
            if found is not None:
                return Swap(text.replace(word, found.hidden), text.replace(word, found.absent))
        return None


def has_uid(model: type[Model]) -> bool:
    return any(isinstance(each, UUIDField) and each.name == "uid" for each in model._meta.get_fields())


def own(keys: Keys, name: str, texts: list[str]) -> tuple[str, Swap] | None:
    """The first of some texts that names something, with what to send instead that is not among them."""
    for text in texts:
        found = keys.swap(name, text)
        if found is not None and found.hidden not in texts:
            return text, found
    return None


def without(body: bytes, text: str) -> bytes:
    """An answer without the key that was sent; a number stands in many places that are no key."""
    if text.isdigit():
        return re.sub(rb"(?<=[\"=])" + text.encode() + rb"\b", b"key", body)
    return body.replace(text.encode(), b"key")


def body_with(body: dict[str, list[str]], name: str, *texts: str) -> dict[str, Any]:
    return body | {name: list(texts)}

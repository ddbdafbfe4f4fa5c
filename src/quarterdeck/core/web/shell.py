"""The frame around every page."""

from dataclasses import dataclass, field
from datetime import date, datetime
from importlib.metadata import version
from typing import Any

from django.http import HttpRequest
from django.urls import resolve, reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from quarterdeck.core.access import Actor
from quarterdeck.core.models import Organisation
from quarterdeck.core.queries import messages as news
from quarterdeck.core.web import navigation
from quarterdeck.core.web.pages import address, moment_parameters

MOBILE = ("dashboard", "projects", "my_work")


@dataclass(frozen=True, slots=True)
class Link:
    """One entry of the navigation."""

    label: str
    url: str
    icon: str
    count: int | None
    current: bool


@dataclass(frozen=True, slots=True)
class Group:
    """Entries under one heading."""

    label: str
    items: list[Link] = field(default_factory=list)


class Shell:
    """What base.html needs; worked out only where a page uses it."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.actor: Actor | None = getattr(request, "actor", None)

    @cached_property
    def organisation_name(self) -> str:
        organisation = Organisation.objects.first()
        return organisation.name if organisation else ""

    @cached_property
    def _person(self) -> Any:
        return self.request.user.person if self.request.user.is_authenticated else None

    @property
    def signed_in(self) -> bool:
        return self.actor is not None

    @property
    def person_name(self) -> str:
        return self._person.name if self._person else ""

    @property
    def person_role(self) -> str:
        return self.actor.roles[0] if self.actor and self.actor.roles else ""

    @property
    def initials(self) -> str:
        return self._person.initials if self._person else ""

    @cached_property
    def _links(self) -> list[tuple[navigation.Item, Link]]:
        if self.actor is None:
            return []
        match = self.request.resolver_match or resolve(self.request.path_info)
        links = []
        for item in navigation.items(self.actor):
            current = match.view_name == item.route or match.view_name in item.also
            count = self._count(item, self.actor) if item.count else None
            links.append((item, Link(str(item.label), address(item.route), item.icon, count, current)))
        return links

    def _count(self, item: navigation.Item, actor: Actor) -> int | None:
        """What an entry counts; the list that is shown knows how many rows it has."""
        known: dict[str, int] = getattr(self.request, "counts", {})
        if item.route in known:
            return known[item.route]
        return item.count(actor) if item.count else None

    @cached_property
    def groups(self) -> list[Group]:
        groups = {name: Group(str(label)) for name, label in navigation.GROUPS.items()}
        for item, link in self._links:
            groups[item.group].items.append(link)
        return [group for group in groups.values() if group.items]

    @cached_property
    def mobile_tabs(self) -> list[Link]:
        found = {item.route: link for item, link in self._links}
        return [found[route] for route in MOBILE if route in found]

    @property
    def crumbs(self) -> list[dict[str, str]]:
        return getattr(self.request, "crumbs", [])

    @property
    def as_of(self) -> date | None:
        moment = getattr(self.request, "moment", None)
        return moment.on if moment else None

    @property
    def known_at(self) -> datetime | None:
        moment = getattr(self.request, "moment", None)
        return moment.known_at if moment else None

    @property
    def moment_parameters(self) -> list[tuple[str, str]]:
        """What a form carries on so that its answer stays at the moment that is looked at."""
        return list(moment_parameters(getattr(self.request, "moment", None)).items())

    @property
    def suggestions_url(self) -> str:
        """Where the palette asks; on every page, also on one that says no, as of the same day."""
        kept = self.moment_parameters
        return f"{reverse('search_suggestions')}?{urlencode(kept)}" if kept else reverse("search_suggestions")

    @property
    def as_of_form_action(self) -> str:
        return self.request.path

    @property
    def kept_parameters(self) -> list[tuple[str, str]]:
        """Parameters of the address that the as-of form carries on."""
        return [
            (key, value)
            for key, values in self.request.GET.lists()
            for value in values
            if key not in {"as_of", "known_at", "page"}
        ]

    @property
    def today(self) -> date:
        return timezone.now().date()

    @property
    def back_to_today_url(self) -> str:
        kept = self.kept_parameters
        return f"{self.request.path}?{urlencode(kept)}" if kept else self.request.path

    @property
    def theme(self) -> str:
        theme = self.request.COOKIES.get("qd_theme", "")
        return theme if theme in {"light", "dark"} else ""

    @cached_property
    def unseen(self) -> int:
        """How much the reader was told and has not read, as far as they may see it; nothing in the past."""
        return news.count_unseen(self.actor) if self.actor and self.as_of is None else 0

    @property
    def unseen_text(self) -> str:
        return f"{news.MOST_SHOWN}+" if self.unseen > news.MOST_SHOWN else str(self.unseen)

    @property
    def sign_out_url(self) -> str:
        return reverse("account_logout")

    @property
    def account_url(self) -> str:
        return reverse("own_account")

    @property
    def product_version(self) -> str:
        return version("quarterdeck")


def context(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `shell` for base.html."""
    return {"shell": Shell(request)}


def crumb(label: str, url: str = "") -> dict[str, str]:
    """One step of the breadcrumb."""
    return {"label": label, "url": url}


def past_or_today(day: date | None) -> str:
    """How a day is named in a sentence."""
    return f"{day:%-d %b %Y}" if day else _("today")

"""What projects register with the kernel when the site starts."""

from datetime import date

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from quarterdeck.core import objects, search, security, stories
from quarterdeck.core.access import Actor
from quarterdeck.core.frames import object_tabs
from quarterdeck.core.services.roles import extend_role, keep_role, refuse_giving
from quarterdeck.core.texts import Text
from quarterdeck.core.web import frame, happenings, navigation, palette, places
from quarterdeck.projects import frames, place_registers, queries, rights, services, words
from quarterdeck.projects.models import Portfolio, Programme, Project

# Importing them has declared them.
DECLARED = (place_registers.PORTFOLIOS, place_registers.PROGRAMMES)

# Who sees a place changes with these as it does with a role.
PLACES, TURNS = ("portfolio", "programme", "project"), ("made_confidential", "opened")
OPENED_AND_SHUT = tuple(f"projects.{kind}.{turn}" for kind in PLACES for turn in TURNS)


def register() -> None:
    """Rights of the standard roles, the register in the navigation, the tabs of a project."""
    everything = [rights.SEE_PROJECT, rights.CHANGE_PROJECT, rights.ADD_PROJECT, rights.MANAGE_PORTFOLIO]
    extend_role(["administrator", "pmo_lead", "portfolio_manager"], everything)
    extend_role(["pmo_analyst"], [rights.SEE_PROJECT, rights.CHANGE_PROJECT, rights.ADD_PROJECT])
    extend_role(["programme_manager", "project_manager"], [rights.SEE_PROJECT, rights.CHANGE_PROJECT])
    extend_role(["sponsor", "board_member", "finance_partner", "auditor", "viewer"], [rights.SEE_PROJECT])
    keep_role("portfolio_manager", [rights.SEE_PROJECT, rights.MANAGE_PORTFOLIO])
    keep_role("sponsor", [rights.SEE_PROJECT])
    keep_role("project_manager", [rights.SEE_PROJECT])
    refuse_giving(services.sponsor_is_not_manager)
    security.watch(*OPENED_AND_SHUT)
    navigation.add_item(
        navigation.Item(
            "portfolio",
            _("Projects"),
            "projects",
            "folders",
            120,
            lambda actor: actor.holds(rights.SEE_PROJECT),
            _count,
            also=(
                "projects_left",
                "project",
                "project_history",
                "project_people",
                "change_project",
                "new_project",
                "move_project",
            ),
        )
    )
    navigation.add_item(
        navigation.Item(
            "portfolio",
            _("Portfolios"),
            "portfolios",
            "briefcase",
            130,
            lambda actor: actor.holds(rights.SEE_PROJECT),
            also=(
                "portfolio",
                "change_portfolio",
                "new_portfolio",
                "programmes",
                "programme",
                "change_programme",
                "new_programme",
            ),
        )
    )
    happenings.call("projects.project.added", _("Project added by hand"))
    happenings.call("projects.project.changed", _("Facts of a project changed"))
    for event, said in {
        "projects.project.left": _("Project taken out of its register"),
        "projects.project.brought_back": _("Project put into its register again"),
        "projects.project.made_confidential": _("Project made confidential"),
        "projects.project.opened": _("Project opened to those above"),
        "projects.portfolio.made_confidential": _("Portfolio made confidential"),
        "projects.portfolio.opened": _("Portfolio opened to those above"),
        "projects.programme.made_confidential": _("Programme made confidential"),
        "projects.programme.opened": _("Programme opened to those above"),
    }.items():
        happenings.call(event, said)
    objects.own(PROJECT)
    objects.own(PORTFOLIO)
    objects.own(PROGRAMME)
    own_words = ("external_id", "category", "description", "narrative")
    search.offer(
        search.Searchable("project", "node__name", 100, "node__ref", own_words, place=_portfolio_name, over=_left)
    )
    search.offer(search.Searchable("programme", "node__name", 200, "node__ref", place=_portfolio_name, over=_ended))
    search.offer(search.Searchable("portfolio", "node__name", 300, "node__ref", over=_ended))
    palette.offer(*_offers())
    frame.own("project", frames.project_frame)
    frame.own("portfolio", frames.portfolio_frame)
    frame.own("programme", frames.programme_frame)
    for story in STORIES:
        stories.own(story)
    navigation.add_tab(navigation.Tab("portfolio", _("Overview"), "portfolio", 10))
    navigation.add_tab(navigation.Tab("programme", _("Overview"), "programme", 10))
    for kind in ("portfolio", "programme"):
        object_tabs(kind, people=True)
    navigation.add_tab(navigation.Tab("project", _("Overview"), "project", 10))
    navigation.add_tab(navigation.Tab("project", _("People"), "project_people", 80))
    navigation.add_tab(navigation.Tab("project", _("History"), "project_history", 90))
    object_tabs("project", people=False, history=False)


PROJECT = objects.Kind(
    code="project",
    label=_("Project"),
    label_of_many=_("Projects"),
    model=Project,
    question=queries.all_projects,
    key_field="node__ref__iexact",
    key=lambda project: project.ref,
    address=lambda project: reverse("project", args=[project.ref]),
    title=lambda project: project.name,
    node_id=lambda project: project.node_id,
    see=rights.SEE_PROJECT,
    ref=lambda project: project.ref,
    icon="folder",
    change=rights.CHANGE_PROJECT,
    over=services.project_is_over,
    manage=rights.MANAGE_PORTFOLIO,
)
PORTFOLIO = objects.Kind(
    code="portfolio",
    label=_("Portfolio"),
    label_of_many=_("Portfolios"),
    model=Portfolio,
    question=queries.portfolios,
    key_field="node__ref__iexact",
    key=lambda portfolio: portfolio.ref,
    address=lambda portfolio: places.address_of("portfolio", portfolio),
    title=lambda portfolio: portfolio.name,
    node_id=lambda portfolio: portfolio.node_id,
    see=rights.SEE_PROJECT,
    ref=lambda portfolio: portfolio.ref,
    icon="briefcase",
    change=rights.MANAGE_PORTFOLIO,
    manage=rights.MANAGE_PORTFOLIO,
)
PROGRAMME = objects.Kind(
    code="programme",
    label=_("Programme"),
    label_of_many=_("Programmes"),
    model=Programme,
    question=queries.programmes,
    key_field="node__ref__iexact",
    key=lambda programme: programme.node.ref,
    address=lambda programme: reverse("programme", args=[programme.node.ref]),
    title=lambda programme: programme.name,
    node_id=lambda programme: programme.node_id,
    see=rights.SEE_PROJECT,
    ref=lambda programme: programme.node.ref,
    icon="hierarchy",
    change=rights.MANAGE_PORTFOLIO,
    manage=rights.MANAGE_PORTFOLIO,
)
STORIES = (
    stories.Story(
        "project",
        queries.changes_of,
        words.change_row,
        lambda project: [("projects.project", project.pk), ("core.node", project.node_id)],
        queries.first_day,
    ),
    *(
        stories.Story(
            kind,
            queries.changes_of_place,
            words.place_row,
            lambda place: [(f"projects.{place._meta.model_name}", place.pk), ("core.node", place.node_id)],
            queries.first_day_of_place,
        )
        for kind in ("portfolio", "programme")
    ),
)


def _offers() -> list[palette.Offer]:
    """What the palette offers here besides the navigation."""

    def adds(actor: Actor) -> bool:
        return actor.holds(rights.ADD_PROJECT)

    def makes(actor: Actor) -> bool:
        return queries.units_to_hold(actor).exists()

    def runs(actor: Actor) -> bool:
        return queries.portfolios_to_run(actor).exists()

    def sees(actor: Actor) -> bool:
        return actor.holds(rights.SEE_PROJECT)

    page = palette.PAGE
    return [
        palette.Offer(_("New project"), "plus", 100, adds, "new_project", also=_("add a project"), writes=True),
        palette.Offer(_("New programme"), "plus", 110, runs, "new_programme", also=_("add a programme"), writes=True),
        palette.Offer(_("New portfolio"), "plus", 120, makes, "new_portfolio", also=_("add a portfolio"), writes=True),
        palette.Offer(_("Programmes"), "hierarchy", 140, sees, "programmes", group=page),
        palette.Offer(
            _("Projects that left their register"), "archive", 150, sees, "projects_left", also=_("gone"), group=page
        ),
    ]


def _portfolio_name(thing: Project | Programme) -> str:
    return thing.portfolio.name


def _left(project: Project, _day: date) -> Text:
    return _("left its register") if project.left_on is not None else ""


def _ended(place: Programme | Portfolio, day: date) -> Text:
    return _("ended") if place.node.ended_on is not None and place.node.ended_on <= day else ""


def _count(actor: Actor) -> int:
    return queries.projects(actor).order_by().count()

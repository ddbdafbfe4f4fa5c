"""The registers of projects, and new ones."""

from dataclasses import replace

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quarterdeck.core.errors import NotFound
from quarterdeck.core.register import register_page
from quarterdeck.core.web import places
from quarterdeck.core.web.pages import SignedIn, address, page, refusals_on, show, status_of
from quarterdeck.core.web.shell import crumb
from quarterdeck.projects import forms, queries, registers, rights, services

# Who may not add a project is told who can help, not to import a file.
NOTHING_FOR_THE_READER = replace(
    registers.PROJECTS,
    empty_title=gettext_lazy("No projects for you yet"),
    empty_text=gettext_lazy("You see a project when you hold a role at it or above it. An administrator gives roles."),
)


@page
def projects(request: SignedIn) -> HttpResponse:
    """The register of projects."""
    may_add = request.actor.holds(rights.ADD_PROJECT)
    return register_page(
        request,
        registers.PROJECTS if may_add else NOTHING_FOR_THE_READER,
        crumbs=[crumb(_("Portfolio"), address("home")), crumb(_("Projects"))],
        actions_template="projects/_register_actions.html" if may_add else "",
        context_line=_("What each project declares about itself. Amounts are in the currency of its portfolio."),
        empty_action_label=_("Add the first project") if may_add else "",
        empty_action_url=address("new_project") if may_add else "",
        left_url=address("projects_left"),
        import_url=places.address_of("register file", None),
    )


@page
def projects_left(request: SignedIn) -> HttpResponse:
    """Projects that are no longer in their register."""
    return register_page(
        request,
        registers.LEFT,
        crumbs=[crumb(_("Projects"), address("projects")), crumb(_("Left"))],
        context_line=_("They were missing from a later file of their portfolio. They and their history stay."),
    )


@page
def new_project(request: SignedIn) -> HttpResponse:
    """Add a project by hand."""
    if not request.actor.holds(rights.ADD_PROJECT):
        raise NotFound
    if not queries.portfolios_to_add_to(request.actor).exists() and queries.units_to_hold(request.actor).exists():
        messages.info(request, _("A project lies in a portfolio. Make the first one, then its projects."))
        return redirect(address("new_portfolio"))
    asked = {name: request.GET[name] for name in ("portfolio", "programme", "unit") if request.GET.get(name)}
    form = forms.NewProject(request.POST or None, actor=request.actor, initial=asked)
    if request.method == "POST" and form.is_valid():
        facts = dict(form.cleaned_data)
        portfolio, name = facts.pop("portfolio"), facts.pop("name")
        unit, programme = facts.pop("unit"), facts.pop("programme")
        with refusals_on(form):
            made = services.add_project(
                request.actor, portfolio, name=name, unit=unit, programme=programme, facts=facts, now=request.now
            )
            if "another" in request.POST:
                messages.success(request, _("%(ref)s %(name)s is there.") % {"ref": made.ref, "name": made.name})
                kept = {"portfolio": portfolio.ref, "programme": programme and programme.node.ref}
                return redirect(address("new_project", query=kept | {"unit": unit and unit.ref}))
            return redirect(address("project", made.ref))
    return show(
        request,
        "projects/form.html",
        form=form,
        status=status_of(form),
        title=_("New project"),
        context_line=_("A name and a portfolio are enough to begin. Everything else can follow."),
        button=_("Add the project"),
        another=_("Add it and one more"),
        back_url=address("projects"),
        crumbs=[crumb(_("Projects"), address("projects")), crumb(_("New project"))],
    )

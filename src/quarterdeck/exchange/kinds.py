"""What imports register when the site starts."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from quarterdeck.core.access import Actor
from quarterdeck.core.services import telling
from quarterdeck.core.services.roles import extend_role
from quarterdeck.core.web import happenings, navigation, palette, places
from quarterdeck.core.web.pages import address
from quarterdeck.exchange import queries, rights
from quarterdeck.exchange.models import Import


def register() -> None:
    """The right of the standard roles, the page in the navigation, the tab of a project, what waits."""
    extend_role(["administrator", "pmo_lead", "pmo_analyst", "portfolio_manager"], [rights.IMPORT_REGISTER])
    navigation.add_item(
        navigation.Item(
            "data",
            _("Imports"),
            "imports",
            "file-import",
            810,
            lambda actor: actor.holds(rights.IMPORT_REGISTER),
            also=("import_new", "import_table", "import_columns", "import"),
        )
    )
    palette.offer(
        palette.Offer(
            _("Import a register"),
            "file-import",
            130,
            lambda actor: actor.holds(rights.IMPORT_REGISTER),
            "import_new",
            also=_("upload an Excel or CSV file of projects"),
            writes=True,
        )
    )
    navigation.add_tab(navigation.Tab("project", _("What came with it"), "project_import", 70, may=_has_rows))
    navigation.add_waiting(_waiting)
    happenings.call("exchange.register.imported", _("Register imported"))
    places.own("register file", lambda _thing: address("import_new"))
    telling.place("exchange.import", _node_of)


def _node_of(import_id: int) -> int | None:
    """An import is news to who watches its portfolio."""
    found = Import.objects.filter(pk=import_id).values_list("portfolio__node_id", flat=True)
    return found.first()


def _has_rows(actor: Actor, project: Any) -> bool:
    return queries.project_has_rows(actor, project)


def _waiting(actor: Actor) -> Sequence[navigation.Waiting]:
    """Previewed imports of one's own."""
    return [
        navigation.Waiting(
            act=_t("Decide"),
            title=_t("Import %(file)s") % {"file": found.file_name},
            context=_t("%(rows)d rows are read: %(new)d new, %(changed)d changed, %(refused)d refused.") % found.counts,
            url=address("import", found.uid),
            button=_("Review"),
            icon="file-import",
            otherwise=_t("Nothing is imported"),
        )
        for found in queries.open_imports(actor)
    ]

"""What the pages of one import share."""

from typing import Any

from django.utils.translation import gettext as _

from quarterdeck.core.web.pages import address
from quarterdeck.core.web.shell import crumb
from quarterdeck.exchange.models import Import
from quarterdeck.exchange.tabular.problems import SENTENCES

ORDER = ("file", "columns", "preview", "report")


def steps(found: Import | None, now: str) -> list[dict[str, Any]]:
    """The wizard: what is done, where one is, what comes; what is done can be opened again while it is open."""
    labels = {"file": _("File"), "columns": _("Columns"), "preview": _("Preview"), "report": _("Report")}
    position = ORDER.index(now)
    finished = found is not None and found.state == "imported"
    return [
        {
            "label": labels[name],
            "state": "done" if index < position or (finished and name != now) else "now" if name == now else "next",
            "url": address("import_columns", found.uid) if name == "columns" and found and found.is_open else "",
        }
        for index, name in enumerate(ORDER)
    ]


def crumbs_of(found: Import) -> list[dict[str, str]]:
    """The breadcrumb of an import."""
    return [crumb(_("Data")), crumb(_("Imports"), address("imports")), crumb(found.file_name)]


def sentence(item: dict[str, Any]) -> str:
    """A problem in the reader's language; a sentence in the place of a value stands beside it and is not repeated."""
    if item["code"] == "sentence":
        noun = {"noun": _(str(item["details"]["noun"]))}
        return _("A sentence stands in the place of a value. The %(noun)s stays unknown with this reason.") % noun
    return str(_(SENTENCES[item["code"]])).format(**item["details"])


def into(found: Import) -> str:
    """Where an import goes, in words."""
    if found.portfolio is not None:
        return str(found.portfolio.name)
    return _("%(name)s, a new portfolio in %(currency)s") % {"name": found.new_name, "currency": found.new_currency}


def currency_of(found: Import) -> str:
    """The currency of the portfolio."""
    return found.portfolio.currency if found.portfolio is not None else found.new_currency

"""Imports: whoever made one acts on it, while they may import there."""

import tempfile
from pathlib import Path

from quarterdeck.exchange import services
from quarterdeck.exchange.models import Import
from quarterdeck.exchange.rights import IMPORT_REGISTER
from quarterdeck.exchange.services import importing, mapping_columns, moving, uploading, world
from quarterdeck.exchange.tests import make
from quarterdeck.projects.rights import ADD_PROJECT, MANAGE_PORTFOLIO, SEE_PROJECT
from tests.who_may.row import Row
from tests.who_may.world import NOW, World

IMPORTS = {IMPORT_REGISTER, ADD_PROJECT}
# No units and people, which need rights of their own.
ROWS_OF_A_FILE = make.register("Z1,Ferry", header="Project ID,Project Name")


def uploaded(w: World) -> Import:
    return make.uploaded(ROWS_OF_A_FILE, w.owner, into=w.portfolio)


def mapped(w: World) -> Import:
    found = uploaded(w)
    return services.map_columns(w.owner, found, services.mapping_of(found), as_of=make.MARCH_25, now=NOW)


def previewing(w: World) -> Import:
    found = mapped(w)
    services.start_preview(w.owner, found, now=NOW)
    found.refresh_from_db()
    return found


def previewed(w: World) -> Import:
    return make.previewed(ROWS_OF_A_FILE, w.owner, into=w.portfolio)


def started(w: World) -> Import:
    found = previewed(w)
    services.start_import(w.owner, found, now=NOW)
    found.refresh_from_db()
    return found


def into_a_new_one(w: World) -> Import:
    return services.upload(
        w.actor, file_name="register.csv", content=ROWS_OF_A_FILE, new_name="Rail", new_ref="RAIL", now=NOW
    )


def by_command(w: World) -> object:
    with tempfile.TemporaryDirectory() as folder:
        path = make.file(Path(folder), ROWS_OF_A_FILE)
        return services.import_register_file(w.actor, path, mapping="generic", portfolio="ROADS", now=NOW)


ROWS = [
    Row(
        services.upload, IMPORTS, lambda w, _: make.uploaded(ROWS_OF_A_FILE, w.actor, into=w.portfolio), at="portfolio"
    ),
    Row(services.upload, {IMPORT_REGISTER, MANAGE_PORTFOLIO}, lambda w, _: into_a_new_one(w)),
    Row(
        services.choose_table, IMPORTS,
        lambda w, found: services.choose_table(w.actor, found, sheet="", header_line=1, now=NOW),
        at="portfolio", own=True, given=uploaded,
    ),
    Row(
        services.map_columns, IMPORTS,
        lambda w, found: services.map_columns(
            w.actor, found, services.mapping_of(found), as_of=make.MARCH_25, now=NOW
        ),
        at="portfolio", own=True, given=uploaded,
    ),
    Row(
        services.save_mapping, {IMPORT_REGISTER},
        lambda w, found: services.save_mapping(w.actor, "Roads", services.mapping_of(found), now=NOW),
        at="portfolio", given=uploaded, anywhere=True,
    ),
    Row(
        services.start_preview, IMPORTS, lambda w, found: services.start_preview(w.actor, found, now=NOW),
        at="portfolio", own=True, given=mapped,
    ),
    Row(
        services.preview, IMPORTS, lambda w, found: services.preview(w.actor, found, now=NOW),
        at="portfolio", own=True, given=previewing, notes="exchange_import",
    ),
    Row(
        services.start_import, IMPORTS, lambda w, found: services.start_import(w.actor, found, now=NOW),
        at="portfolio", own=True, given=previewed,
    ),
    Row(
        services.import_all, IMPORTS,
        lambda w, found: services.import_all(w.actor, found, expected=found.digest, now=NOW),
        at="portfolio", own=True, given=started,
    ),
    Row(
        services.abandon, IMPORTS, lambda w, found: services.abandon(w.actor, found, now=NOW),
        at="portfolio", own=True, given=previewed,
    ),
    # The portfolio is looked for among those one sees; one that is not seen would have to be made.
    Row(
        services.import_register_file, IMPORTS | {SEE_PROJECT}, lambda w, _: by_command(w), at="portfolio",
    ),
]  # fmt: skip
INSIDE = {
    importing.plan_of: "reads what would happen",
    importing.apply_plan: "called by the services that import, after they checked the right",
    mapping_columns.chosen_mapping: "reads mappings that everybody who imports may use",
    moving.require_own: "is the question itself",
    moving.require_import: "is the question itself",
    uploading.suggestion_for: "reads mappings that everybody who imports may use",
    world.see: "reads what the actor sees",
}

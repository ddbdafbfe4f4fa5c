"""What the palette suggests: pages and acts by their words, for whom they open, and no act that writes in the past."""

import re

import pytest

from quarterdeck.core.tests import make
from quarterdeck.core.tests.test_search_pages import read, signed_in, someone_with
from quarterdeck.core.web import palette

pytestmark = pytest.mark.django_db

ASK = "/search/suggestions/"


def lines(page: str, group: str = "") -> list[str]:
    """The labels of the palette, or those of one group, in order."""
    inside = (
        re.search(rf'id="qd-palette-{group}".*?</div>', page, re.DOTALL) if group else re.search(".*", page, re.DOTALL)
    )
    found = re.findall(r'<span class="qd-palette-name">(.*?)</span>', inside[0] if inside else "")
    return [re.sub("<[^>]*>", "", each).strip() for each in found]


def test_an_act_is_found_by_its_name_and_by_other_words_for_it() -> None:
    lead = someone_with("pmo_lead")

    assert lines(read(lead, f"{ASK}?q=new+unit"), "acts") == ["New unit"]
    assert lines(read(lead, f"{ASK}?q=department"), "others") == ["New unit"]
    assert lines(read(lead, f"{ASK}?q=THEME"), "others") == ["Switch between light and dark"]
    assert lines(read(lead, f"{ASK}?q=passk"), "others") == ["Second factor"]


def test_a_page_whose_name_begins_as_typed_comes_before_what_is_found_and_others_after_it() -> None:
    make.unit("Lesser unit")
    lead = someone_with("pmo_lead")

    page = read(lead, f"{ASK}?q=unit")
    assert lines(page, "pages") == ["Units"]
    assert lines(page)[0] == "Units"
    assert lines(page)[-1] == "New unit"
    assert "Lesser <mark>unit</mark>" in page

    assert lines(read(lead, f"{ASK}?q=governance"), "others") == ["Ledger"]


def test_what_is_found_leads_there_and_the_last_line_to_all_of_it() -> None:
    unit = make.unit("Tiefbau Süd")
    page = read(someone_with("viewer"), f"{ASK}?q=sud+tief")
    assert f'href="/units/{unit.ref}/"' in page
    assert "<mark>Tief</mark>bau <mark>Süd</mark>" in page
    assert lines(page)[-1] == "All results for “sud tief”"
    assert 'href="/search/?q=sud+tief"' in page


def test_who_may_not_is_not_offered_it() -> None:
    viewer, outsider = someone_with("viewer"), signed_in(make.person())
    for words in ("new", "add", "invite", "give", "import", "upload", "ledger"):
        for client in (viewer, outsider):
            page = read(client, f"{ASK}?q={words}")
            offered = lines(page, "pages") + lines(page, "acts") + lines(page, "others")
            assert offered == (["Notifications"] if words == "new" else []), words
    everything = read(outsider, ASK)
    assert lines(everything, "pages")[0] == "My work"
    assert "People" not in lines(everything)
    assert "Your account" in lines(everything, "pages")
    assert lines(everything, "acts") == [
        "Look as of another day", "Switch between light and dark", "Show all keys", "Sign out",
    ]  # fmt: skip


def test_in_the_past_no_act_changes_anything_and_pages_stay_there() -> None:
    lead = someone_with("pmo_lead")
    assert "New unit" in lines(read(lead, ASK))
    page = read(lead, f"{ASK}?as_of=2026-02-01")
    assert not {"New unit", "Give a role", "Invite somebody"} & set(lines(page))
    assert 'href="/units/?as_of=2026-02-01"' in page
    assert "Switch between light and dark" in lines(page)


def test_words_of_a_page_stay_text_and_signs_alone_ask_for_nothing() -> None:
    lead = someone_with("pmo_lead")
    page = read(lead, f"{ASK}?q=%3Cb%3Eunit")
    assert "<b>unit" not in page
    assert "Found" not in read(lead, f"{ASK}?q=…")
    assert lead.post(ASK).status_code == 405


def test_each_page_brings_the_palette_and_each_part_that_it_presses() -> None:
    page = read(someone_with("pmo_lead"), "/my-work/")
    assert 'id="qd-palette"' in page
    assert f'hx-get="{ASK}"' in page
    for each in palette.offered():
        assert not each.presses or f'id="{each.presses}"' in page, each.presses
    then = read(someone_with("pmo_lead"), "/units/?as_of=2026-02-01")
    assert f'hx-get="{ASK}?as_of=2026-02-01"' in then


def test_an_offer_leads_to_one_thing_and_is_declared_once() -> None:
    with pytest.raises(ValueError, match="one of both"):
        palette.offer(palette.Offer("Nowhere", "plus", 1))
    with pytest.raises(ValueError, match="already"):
        palette.offer(palette.Offer("Units again", "plus", 1, route="new_unit"))

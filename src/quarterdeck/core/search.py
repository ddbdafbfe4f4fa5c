"""
What can be found, and how words are compared.

Case and accents do not matter: Uber finds Über, Strasse finds Straße. What was typed is the beginning of words, in any
order, and all of it must be there. The database folds texts with `core_search_words`; `folded` does the same, to mark
in a text what was found.

Titles and texts are kept beside each other in SearchEntry by triggers, so that no write is missed, whoever writes.
"""

import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import pgtrigger
from django.contrib.postgres.search import SearchQuery, SearchQueryField, SearchVectorField
from django.db.models import Expression, Func, TextField, Value

from quarterdeck.core.texts import Text

MOST_TEXT = 200
MOST_BODY = 100_000
SHOWN = 160  # letters of a text around the first word found
# Letters that are no letter with an accent to Unicode, but are to who types.
PLAIN = {"ß": "ss", "æ": "ae", "œ": "oe", "þ": "th", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "ı": "i", "ς": "σ"}


@dataclass(frozen=True, slots=True)
class Searchable:
    """
    A kind of thing that is found.

    kind : its code in `core.objects`, whose question decides what an actor finds.
    title, ref, body : where its words are, as lookups from its model.
    kept : whether its words are in SearchEntry; otherwise they are read where they are.
    order : where it stands among the results.
    place : what tells things of one name apart, such as the portfolio of a project; from what its question joined, and
    nothing that who sees the thing does not see.
    over : what to say of a thing that is over on a day, such as that a project left its register; empty for others.
    """

    kind: str
    title: str
    order: int
    ref: str = ""
    body: tuple[str, ...] = ()
    kept: bool = True
    place: Callable[[Any], str] = lambda thing: ""
    over: Callable[[Any, date], Text] = lambda thing, day: ""

    @property
    def names(self) -> tuple[str, ...]:
        """What it is called by."""
        return (self.title, self.ref) if self.ref else (self.title,)


_offered: dict[str, Searchable] = {}


def offer(searchable: Searchable) -> None:
    """Let things of a kind be found. One owner a kind."""
    if searchable.kind in _offered:
        raise ValueError(f"How a {searchable.kind} is found is said already.")
    _offered[searchable.kind] = searchable


def offered() -> dict[str, Searchable]:
    """Every kind that is found, in the order in which results are shown."""
    return dict(sorted(_offered.items(), key=lambda each: each[1].order))


def letters(text: str) -> Iterator[tuple[int, str]]:
    """Each letter of a text without case and accent, with its place in the text; one letter may become two or none."""
    for place, letter in enumerate(text):
        for part in unicodedata.normalize("NFKD", letter):
            if not "\u0300" <= part <= "\u036f":
                low = part.lower()
                yield from ((place, each) for each in PLAIN.get(low, low) if not "\u0300" <= each <= "\u036f")


def folded(text: str) -> str:
    """A text as the database compares it: words without case and accents, one blank between them."""
    return " ".join("".join(each if each.isalnum() else " " for _place, each in letters(text)).split())


def terms_of(text: str) -> list[str]:
    """The words that somebody looks for."""
    return list(dict.fromkeys(folded(text[:MOST_TEXT]).split()))[:8]


def pieces(text: str, terms: list[str]) -> list[tuple[str, bool]]:
    """A text cut where the beginnings of its words are those of terms; True for what was found."""
    marked = [False] * len(text)
    simple = list(letters(text))
    line = "".join(each if each.isalnum() else " " for _place, each in simple)
    start = 0
    while start < len(line):
        if line[start] != " " and (start == 0 or line[start - 1] == " "):
            longest = max((len(term) for term in terms if line.startswith(term, start)), default=0)
            for place, _each in simple[start : start + longest]:
                marked[place] = True
        start += 1
    found: list[tuple[str, bool]] = []
    for letter, is_marked in zip(text, marked, strict=True):
        if found and found[-1][1] == is_marked:
            found[-1] = (found[-1][0] + letter, is_marked)
        else:
            found.append((letter, is_marked))
    return found


def around(text: str, terms: list[str]) -> list[tuple[str, bool]]:
    """The part of a text around the first word found, in pieces; none where nothing was found in it."""
    all_pieces = pieces(" ".join(text[:MOST_BODY].split()), terms)
    before = 0
    for piece, is_marked in all_pieces:
        if is_marked:
            break
        before += len(piece)
    else:
        return []
    whole = "".join(piece for piece, _marked in all_pieces)
    start = max(0, before - SHOWN // 3)
    if start:
        start = whole.find(" ", start) + 1 or start
    end = start + SHOWN
    cut = whole[start:end]
    if end < len(whole):
        cut = f"{cut.rsplit(' ', 1)[0]} …"
    return pieces(f"… {cut}" if start else cut, terms)


class Words(Func):
    """What the database compares of some texts, as a vector; the index of a table says the same."""

    template = "to_tsvector('simple', core_search_words(%(expressions)s))"
    arg_joiner = " || ' ' || "
    output_field = SearchVectorField()


class Weighed(Func):
    """What the database compares of reference, title and text; the first two count as names."""

    template = "core_search_vector(%(expressions)s)"
    output_field = SearchVectorField()


class Asked(SearchQuery):
    """What somebody typed, as beginnings of words that are all there; names: in what a thing is called by."""

    function = "core_search_query"

    def __init__(self, text: str, *, names: bool = False) -> None:
        given: list[Expression] = [Value(text), Value("A" if names else "")]
        Func.__init__(self, *given, output_field=SearchQueryField())
        self.invert = False


class Folded(Func):
    """A text as it is compared."""

    function = "core_search_words"
    output_field = TextField()


def _trigger(name: str, operation: pgtrigger.Operation, func: str) -> pgtrigger.Trigger:
    referencing = {
        pgtrigger.Insert: pgtrigger.Referencing(new="new_rows"),
        pgtrigger.Update: pgtrigger.Referencing(old="old_rows", new="new_rows"),
        pgtrigger.Delete: pgtrigger.Referencing(old="old_rows"),
    }[operation]
    return pgtrigger.Trigger(
        name=name,
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=operation,
        referencing=referencing,
        func=f"{func} RETURN NULL;",
    )


WRITE = """
    INSERT INTO public.core_searchentry (subject_kind, subject_id, node_id, ref, title, body)
    {rows}
    ON CONFLICT (subject_kind, subject_id) DO UPDATE
    SET node_id = EXCLUDED.node_id, ref = EXCLUDED.ref, title = EXCLUDED.title, body = EXCLUDED.body;
"""
FORGET = """
    DELETE FROM public.core_searchentry entry USING old_rows gone
    WHERE entry.subject_kind = {kind} AND entry.subject_id = gone.id;
"""


def triggers_of_nodes() -> list[pgtrigger.Trigger]:
    """Units are found by their node; whatever hangs on a node is called as the node is."""
    unit = "SELECT 'unit', id, id, ref, name, '' FROM new_rows WHERE kind = 'unit'"
    renamed = """
        UPDATE public.core_searchentry entry SET ref = now.ref, title = now.name
        FROM new_rows now JOIN old_rows before ON before.id = now.id
        WHERE entry.node_id = now.id AND entry.subject_kind = now.kind
            AND (now.ref, now.name) IS DISTINCT FROM (before.ref, before.name);
    """
    return [
        _trigger("found_after_insert", pgtrigger.Insert, WRITE.format(rows=unit)),
        _trigger("found_after_update", pgtrigger.Update, renamed),
        _trigger("found_after_delete", pgtrigger.Delete, FORGET.format(kind="'unit'")),
    ]


def triggers_on_node(kind: str, *body: str) -> list[pgtrigger.Trigger]:
    """Of a table whose rows hang on a node, with the columns that hold its text."""
    texts = f"left(concat_ws(' ', {', '.join(f'now.{column}' for column in body)}), {MOST_BODY})" if body else "''"
    rows = f"""SELECT '{kind}', now.id, now.node_id, node.ref, node.name, {texts}
    FROM new_rows now JOIN public.core_node node ON node.id = now.node_id"""  # noqa: S608 - constants of the code
    changed = [
        _trigger(
            "found_after_update",
            pgtrigger.Update,
            f"""
    UPDATE public.core_searchentry entry SET body = {texts}
    FROM new_rows now JOIN old_rows before ON before.id = now.id
    WHERE entry.subject_kind = '{kind}' AND entry.subject_id = now.id
        AND ({", ".join(f"now.{column}" for column in body)})
            IS DISTINCT FROM ({", ".join(f"before.{column}" for column in body)});
    """,  # noqa: S608 - constants of the code
        )
    ]
    return [
        _trigger("found_after_insert", pgtrigger.Insert, WRITE.format(rows=rows)),
        *(changed if body else []),
        _trigger("found_after_delete", pgtrigger.Delete, FORGET.format(kind=f"'{kind}'")),
    ]

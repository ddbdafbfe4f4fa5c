"""What people write becomes HTML that can do nothing."""

from uuid import UUID

import pytest

from quarterdeck.core import markdown

KEIR = UUID(int=7)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("**Late** by *two* weeks", "<p><strong>Late</strong> by <em>two</em> weeks</p>"),
        ("One line\nand another", "<p>One line<br>\nand another</p>"),
        ("1. first\n2. second", "<ol>\n<li>first</li>\n<li>second</li>\n</ol>"),
        ("> said before", "<blockquote>\n<p>said before</p>\n</blockquote>"),
        ("~~done~~ and `<b>`", "<p><s>done</s> and <code>&lt;b&gt;</code></p>"),
        ("# no heading", "<p># no heading</p>"),
        ("<b>no tag</b>", "<p>&lt;b&gt;no tag&lt;/b&gt;</p>"),
    ],
)
def test_what_is_written_reads_as_meant(text: str, expected: str) -> None:
    assert markdown.html(text).strip() == expected


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("see https://a.example/b_c?d=1&e=2.", "https://a.example/b_c?d=1&amp;e=2"),
        ("(http://a.example)", "http://a.example"),
        ("[plan](https://a.example)", "https://a.example"),
        ("<ann@a.example>", "mailto:ann@a.example"),
    ],
)
def test_addresses_become_links_that_tell_nobody_where_they_came_from(text: str, address: str) -> None:
    assert f'<a href="{address}" rel="noopener noreferrer nofollow">' in markdown.html(text)


@pytest.mark.parametrize(
    "text",
    [
        "[x](javascript:alert(1))", "[x](JaVaScRiPt:alert(1))", "[x](data:text/html,hi)", "[x](vbscript:x)",
        "[x](file:///etc/passwd)", "[x](//evil.example)", "[x](/projects/)", "`https://a.example`",
        "![x](https://evil.example/p.png)  ".replace("](https", "](ftp"), "<javascript:alert(1)>",
    ],
)  # fmt: skip
def test_nothing_else_becomes_a_link(text: str) -> None:
    assert "href" not in markdown.html(text)


def test_no_picture_is_ever_fetched() -> None:
    assert "<img" not in markdown.html("![x](https://evil.example/p.png)")


def test_a_mention_is_kept_as_an_id_and_shown_as_a_name() -> None:
    text = f"@[{KEIR}], see `@[{KEIR}]`"
    names = {KEIR: "Keir <Abelard>"}
    assert '<span class="qd-mention">@Keir &lt;Abelard&gt;</span>, see <code>@[' in markdown.html(text, names)
    assert markdown.plain(text, names).startswith("@Keir <Abelard>, see")
    assert markdown.mentioned(text) == [KEIR]
    assert "qd-mention" not in markdown.html(text)


def test_a_quotation_begins_every_line() -> None:
    assert markdown.quoted("one\n\ntwo\n") == "> one\n>\n> two\n"

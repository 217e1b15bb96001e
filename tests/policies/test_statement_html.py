"""The page: well-formed, escaped, whole in itself, and with the same amounts as the text."""

import re
from html.parser import HTMLParser

import pytest

from contracts.wire import Event
from policies.statement import Column, Row, Section, Statement, as_html, as_text, itemised, statement
from tests.policies.requests import Journey, claim, insured, line

VOID = ("meta",)


class Page(HTMLParser):
    """The texts of a page by the tag that holds them. Every tag must be closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.texts: list[tuple[str, str]] = []
        self.attributes: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)
        self.close()
        assert not self.open, f"not closed: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes.append((tag, dict(attrs)))
        self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in VOID, tag
        self.attributes.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open[-1] == tag, f"{tag} closes {self.open}"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.texts.append((self.open[-1], data))

    def of(self, tag: str) -> list[str]:
        return [text for name, text in self.texts if name == tag]


@pytest.fixture(scope="module")
def visit() -> tuple[Journey, Event]:
    journey = insured(balance=5_000)
    return journey, journey.send("claim.submitted", claim(line(30_000), fixmedins_code="H65020000102", acct_used_flag="1"), id="visit-1")


AMOUNT = re.compile(r"-?[\d,]+\.\d\d")


@pytest.mark.parametrize(("lang", "tag"), [("zh", "zh-CN"), ("en", "en")])
def test_a_page_says_what_the_text_says(visit: tuple[Journey, Event], lang: str, tag: str) -> None:
    journey, event = visit
    for sheet in (statement(event, journey.book, lang, advance=10_000), itemised(event, journey.book, lang)):
        page = Page(as_html(sheet))
        assert page.attributes[0] == ("html", {"lang": tag}) and page.of("title") == page.of("h1") == [sheet.title]
        assert page.of("h2") == [section.title for section in sheet.sections if section.title]
        cells = [cell for section in sheet.sections for row in section.rows for cell in (*row.cells, *row.notes)]
        cells += [column.title for section in sheet.sections for column in section.columns]
        assert sorted(page.of("td") + page.of("th")) == sorted(filter(None, cells)), "each title, cell and note once"
        text = as_text(sheet, width=10_000)
        assert sorted(AMOUNT.findall(" ".join(told for name, told in page.texts if name != "style"))) == sorted(AMOUNT.findall(text))


def test_a_page_needs_nothing_from_elsewhere(visit: tuple[Journey, Event]) -> None:
    journey, event = visit
    text = as_html(statement(event, journey.book, "zh"))
    page = Page(text)
    assert not {tag for tag, _ in page.attributes} & {"script", "link", "img", "iframe"}
    assert not re.search(r"https?:|url\(|@import", text) and not any({"src", "href"} & attrs.keys() for _, attrs in page.attributes)
    assert ("meta", {"charset": "utf-8"}) in page.attributes and "@media print" in text and "size: A4;" in text


def test_a_wide_table_lies_on_its_side(visit: tuple[Journey, Event]) -> None:
    journey, event = visit
    assert "size: A4 landscape;" in as_html(itemised(event, journey.book, "zh"))


def test_whatever_a_request_holds_is_escaped() -> None:
    evil = '<script>alert("1")</script>&amp;\x1b\u202e'
    seen = '<script>alert("1")</script>&amp;\ufffd\ufffd'
    columns = (Column(evil), Column(evil, True))
    sheet = Statement(evil, "en", (Section(evil, (Row((evil, evil), (evil,)),), columns, (evil,)), Section("", (Row((evil, evil)),))))
    text = as_html(sheet)
    page = Page(text)
    assert "<script" not in text and "\x1b" not in text and "\u202e" not in text
    told = [name for name, text in page.texts if name != "style"]
    assert all(text == seen for name, text in page.texts if name != "style")
    assert told == ["title", "h1", "h2", "th", "th", "td", "td", "td", "p", "th", "td"]


def test_short_rows_are_filled_and_totals_marked() -> None:
    columns = (Column("a"), Column("b", True), Column("c"))
    text = as_html(Statement("t", "en", (Section("", (Row(("x", "1.00"), ("note",), total=True),), columns),)))
    assert '<tr class="total"><td>x</td><td class="n">1.00</td><td></td></tr>' in text
    assert '<tr class="note"><td colspan="3">note</td></tr>' in text


def test_many_sheets_are_one_page_and_none_is_an_error() -> None:
    text = as_html(Statement("one", "zh", ()), Statement("two", "en", ()))
    page = Page(text)
    assert page.of("h1") == ["one", "two"] and page.of("title") == ["one"]
    assert [attrs["lang"] for tag, attrs in page.attributes if tag == "article"] == ["zh-CN", "en"]
    with pytest.raises(ValueError, match="at least one"):
        as_html()

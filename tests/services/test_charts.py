"""Bar charts: what is drawn is what was given, a PNG has no boxes for signs that no font shows, an SVG holds both languages."""

import warnings
from pathlib import Path
from xml.etree import ElementTree

import pytest

from services import charts
from services.charts import Bars

FUNDS = Bars(
    "funds", ("基金支出的变化", "What the funds pay"), ("元", "yuan"), (("统筹基金", "pool"), ("医疗救助", "medical assistance")),
    ((("变化", "change"), (-1396.0, 12.0)),), signed=True)
SPEED = Bars("speed", ("每秒件数", "Claims a second"), ("件", "claims"), charts.same((1, 2, 4)), (
    (("请求", "asked"), (10.0, 20.0, 40.0)), (("结算", "settled"), (9.0, 18.0, 30.0))))


@pytest.mark.parametrize("chart", [FUNDS, SPEED], ids=lambda chart: chart.name)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_chart_draws_its_values(chart: Bars, lang: str) -> None:
    (axes,) = charts.figure(chart, lang).axes
    assert [patch.get_width() for patch in axes.patches] == [value for _, values in chart.series for value in values]
    assert [label.get_text() for label in axes.get_yticklabels()] == [charts.said(label, lang) for label in chart.labels]
    assert axes.get_title() == charts.said(chart.title, lang)
    assert (axes.get_legend() is not None) == (len(chart.series) > 1)


def test_up_and_down_have_their_colours() -> None:
    (axes,) = charts.figure(FUNDS, "en").axes
    assert [charts.matplotlib.colors.to_hex(patch.get_facecolor()) for patch in axes.patches] == [charts.FALLING, charts.RISING]


def test_a_png_shows_no_boxes(tmp_path: Path) -> None:
    """Matplotlib warns of each sign that the font lacks."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        charts.png(FUNDS, tmp_path / "chart.png", "zh")
    assert (tmp_path / "chart.png").read_bytes().startswith(b"\x89PNG\r\n\x1a\n")


def test_an_svg_holds_both_languages_and_nothing_from_elsewhere() -> None:
    found = charts.svg(FUNDS)
    texts = {text.text for text in ElementTree.fromstring(found).iter("{http://www.w3.org/2000/svg}text")}
    assert {"统筹基金 / pool", "元 / yuan", "基金支出的变化 / What the funds pay", "-1,396", "+12"} <= texts
    assert "href=\"http" not in found and "<metadata" not in found and found == charts.svg(FUNDS), "the same chart, the same bytes"


def test_no_bars_is_an_empty_chart(tmp_path: Path) -> None:
    charts.png(Bars("none", ("无", "none"), ("元", "yuan"), (), ((("变化", "change"), ()),)), tmp_path / "none.png", "en")
    assert (tmp_path / "none.png").stat().st_size > 1000

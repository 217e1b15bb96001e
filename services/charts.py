"""Bar charts by matplotlib, as PNG, and as SVG for a page. A PNG is in English where no font of the machine shows Chinese.

In an SVG text stays text, so the reader's own fonts show it, in both languages.
"""

import io
import logging
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import matplotlib
from matplotlib import font_manager
from matplotlib.figure import Figure

matplotlib.use("Agg")
logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)  # else a line for each font that is not there

CHINESE = (
    "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei",
    "Microsoft YaHei", "SimHei", "PingFang SC", "Hiragino Sans GB", "Heiti SC", "Arial Unicode MS")
"""Fonts that show Chinese, the first one found is used."""
RISING, FALLING, PLAIN = "#b3432b", "#2b6cb3", ("#2b6cb3", "#d28a1c", "#3f8f5f", "#8a5aa8")
WIDTH, ROW, MARGIN = 9.0, 0.34, 1.1
"""Inches: the width of a chart, the height of a bar, and of what stands above and below the bars."""

Said = tuple[str, str]
"""A text in Chinese and in English."""


@dataclass(frozen=True, slots=True)
class Bars:
    """One chart of horizontal bars. ``series``: one name and values for each label; with ``signed`` the colour says up or down."""

    name: str
    title: Said
    unit: Said
    labels: tuple[Said, ...]
    series: tuple[tuple[Said, tuple[float, ...]], ...]
    signed: bool = False


def chinese() -> str | None:
    """The font of this machine that shows Chinese, if there is one."""
    known = {font.name for font in font_manager.fontManager.ttflist}
    return next((name for name in CHINESE if name in known), None)


def png(chart: Bars, path: Path, lang: str) -> None:
    """Writes the chart as a PNG in ``lang``, in English where Chinese cannot be shown."""
    font = chinese()
    style = {"font.family": [font, "DejaVu Sans"]} if font is not None else {}
    with matplotlib.rc_context(style):
        figure(chart, lang if font is not None else "en").savefig(path, format="png", dpi=150, metadata={"Software": None})


def svg(chart: Bars) -> str:
    """The chart as an SVG element in both languages, without anything from elsewhere."""
    stream = io.StringIO()
    style = {"svg.fonttype": "none", "svg.hashsalt": chart.name, "font.family": [CHINESE[0], "DejaVu Sans"]}
    with matplotlib.rc_context(style), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the machine lacks the font; the reader's has it
        figure(chart, "both").savefig(stream, format="svg", metadata=dict.fromkeys(("Creator", "Date", "Format", "Type")))
    text = stream.getvalue()
    return text[text.index("<svg"):]


def figure(chart: Bars, lang: str) -> Figure:
    """The chart in ``lang``: zh, en or both."""
    rows, size = len(chart.labels), len(chart.series)
    found = Figure(figsize=(WIDTH, MARGIN + ROW * max(1, rows * max(1, size))), layout="constrained")
    axes = found.add_subplot()
    for number, (name, values) in enumerate(chart.series):
        height = 0.8 / size
        places = [row + (number - (size - 1) / 2) * height for row in range(rows)]
        colours = [RISING if value > 0 else FALLING for value in values] if chart.signed else PLAIN[number % len(PLAIN)]
        bars = axes.barh(places, values, height=height * 0.9, color=colours, label=said(name, lang))
        axes.bar_label(bars, labels=[f"{value:+,.0f}" if chart.signed else f"{value:,.0f}" for value in values], padding=3, fontsize=8)
    axes.set_yticks(range(rows), [said(label, lang) for label in chart.labels])
    axes.invert_yaxis()
    axes.axvline(0, color="black", linewidth=0.8)
    axes.margins(x=0.18)
    axes.set_title(said(chart.title, lang), fontsize=11)
    axes.set_xlabel(said(chart.unit, lang))
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    axes.spines[["top", "right"]].set_visible(False)
    if size > 1:
        axes.legend(fontsize=8)
    return found


def said(text: Said, lang: str) -> str:
    """The text in one language, or in both where they differ."""
    zh, en = text
    return {"zh": zh, "en": en}.get(lang, zh if zh == en else f"{zh} / {en}")


def same(texts: Sequence[object]) -> tuple[Said, ...]:
    """Labels that are the same in both languages."""
    return tuple((str(text), str(text)) for text in texts)

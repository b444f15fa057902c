"""Draws charts as SVG, light and dark, half as wide as a README."""

from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from bench.charts import Bars, Chart, Lines, is_ours
from bench.markdown import amount

WIDTH, DOTS = 405, 96
"""Pixels: two pictures are side by side in a README on GitHub, one above the other on a phone."""

HEAD, ROW, BAR, LETTER, VALUE, FOOT = 58, 25, 15, 6.9, 58, 10
"""Pixels: above the first bar, from bar to bar, a bar, a letter of a name, a bar's number, and below the last bar."""

LINES, LEFT, RIGHT, BELOW = 293, 56, 76, 40
"""Pixels: the height of a chart with lines, and the margins for numbers, for a name, and for numbers of checks."""

FONTS = ["Segoe UI", "Helvetica Neue", "Noto Sans", "DejaVu Sans", "Arial"]
"""Fonts, the first of which that the reader's machine has is used; none is embedded."""


@dataclass(frozen=True)
class Scheme:
    """The colours of a page."""

    name: str
    text: str
    muted: str
    ours: str
    peer: str
    rule: str


SCHEMES = (
    Scheme("light", text="#1f2328", muted="#59636e", ours="#0a7f5a", peer="#b6bec8", rule="#d8dee4"),
    Scheme("dark", text="#f0f6fc", muted="#9198a1", ours="#2fbf8f", peer="#4c5562", rule="#343b44"),
)


def draw(charts: list[Chart], folder: Path) -> None:
    """Write NAME-light.svg and NAME-dark.svg for each chart; the same bytes for the same chart."""
    folder.mkdir(parents=True, exist_ok=True)
    style = {"svg.fonttype": "none", "svg.hashsalt": "petsage", "font.sans-serif": FONTS}
    for chart, scheme in product(charts, SCHEMES):
        with mpl.rc_context(style):
            canvas = _bars(chart, scheme) if isinstance(chart, Bars) else _lines(chart, scheme)
            canvas.savefig(folder / f"{chart.name}-{scheme.name}.svg", transparent=True, metadata={"Date": None})


def _canvas(chart: Chart, scheme: Scheme, height: float) -> tuple[Canvas, Axes]:
    """Return a canvas in whose axes one unit is one pixel, counted from the top left, with the chart's title."""
    canvas = Canvas(figsize=(WIDTH / DOTS, height / DOTS))
    axes = canvas.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, WIDTH), ylim=(height, 0))
    axes.axis("off")
    axes.text(4, 20, chart.title, fontsize=_points(15), fontweight="bold", color=scheme.text)
    axes.text(4, 40, chart.subtitle, fontsize=_points(12), color=scheme.muted)
    return canvas, axes


def _bars(chart: Bars, scheme: Scheme) -> Canvas:
    canvas, axes = _canvas(chart, scheme, HEAD + ROW * len(chart.bars) + FOOT)
    begin = LETTER * max(len(side) for side, _ in chart.bars) + 12
    scale = (WIDTH - begin - VALUE) / max(number for _, number in chart.bars)
    for index, (side, number) in enumerate(chart.bars):
        middle, ours = HEAD + ROW * index + BAR / 2, is_ours(side)
        kind = {"facecolor": "none" if side in chart.limits else scheme.ours if ours else scheme.peer}
        edge = {"edgecolor": scheme.ours if ours else scheme.peer, "linewidth": 1}
        axes.add_patch(Rectangle((begin, middle - BAR / 2), number * scale, BAR, **kind, **edge))
        style = _text(13, scheme.text if ours else scheme.muted, bold=ours)
        axes.text(4, middle, side, **style)
        axes.text(begin + number * scale + 6, middle, amount(number), **style)
    return canvas


def _lines(chart: Lines, scheme: Scheme) -> Canvas:
    canvas, _ = _canvas(chart, scheme, LINES)
    width, height = 1 - (LEFT + RIGHT) / WIDTH, 1 - (HEAD + BELOW) / LINES
    axes = canvas.add_axes((LEFT / WIDTH, BELOW / LINES, width, height))
    axes.set(xscale="log", yscale="log")
    for line, points in chart.lines.items():
        ours = is_ours(line)
        color = scheme.ours if ours else scheme.muted
        axes.plot(*zip(*points, strict=True), color=color, linewidth=2.2 if ours else 1.4, marker="o", markersize=4)
        axes.annotate(line, points[-1], (7, 0), textcoords="offset points", **_text(13, color, bold=ours))
    _scales(axes, scheme)
    return canvas


def _scales(axes: Axes, scheme: Scheme) -> None:
    """Draw quiet scales: a rule for each power of ten, and its number."""
    axes.patch.set_alpha(0)
    axes.spines[:].set_visible(False)
    axes.grid(axis="y", color=scheme.rule, linewidth=0.8)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(LogLocator())
        axis.set_minor_locator(NullLocator())
        axis.set_major_formatter(FuncFormatter(lambda number, _: f"{number:,.0f}"))
    axes.tick_params(length=0, labelsize=_points(12), labelcolor=scheme.muted)


def _text(size: int, color: str, *, bold: bool) -> dict[str, Any]:
    weight = "bold" if bold else "normal"
    return {"fontsize": _points(size), "color": color, "fontweight": weight, "verticalalignment": "center"}


def _points(pixels: float) -> float:
    return pixels * 72 / DOTS

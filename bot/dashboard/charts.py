"""Decide pictures as SVG markup: points, lines, bars. No I/O, no script, no inline style.

Colours come from classes of the style sheet, so that light and dark follow the page and a
strict content security policy holds. Every picture has a title and a description in words.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from bot.dashboard.figures import Bin, Week

WIDTH, HEIGHT = 560, 260
LEFT, RIGHT, TOP, BOTTOM = 58, 12, 14, 34
PLOT_W, PLOT_H = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True, slots=True)
class Bars:
    """One part of stacked bars: its name, its class in the style sheet, one value per bar."""

    name: str
    css: str
    values: Sequence[float]


def reliability(bins: Sequence[Bin], *, name: str) -> Markup:
    """Stated against observed correctness; on the diagonal, probabilities mean what they say."""
    marks = [
        Markup('<line class="diagonal" x1="{}" y1="{}" x2="{}" y2="{}"/>').format(
            _n(_x(0)), _n(_y(0)), _n(_x(1)), _n(_y(1))
        )
    ]
    if len(bins) > 1:
        points = " ".join(f"{_n(_x(one.stated))},{_n(_y(one.observed))}" for one in bins)
        marks.append(Markup('<polyline class="curve" points="{}"/>').format(points))
    largest = max((one.n for one in bins), default=1)
    for one in bins:
        marks.append(_whisker(_x(one.stated), one.low, one.high))
        told = f"stated {one.stated:.2f}, observed {one.observed:.2f}, n = {one.n}"
        radius = 4 + 6 * (one.n / largest) ** 0.5
        marks.append(_dot(_x(one.stated), _y(one.observed), radius, told))
    ticks = [_tick_x(_x(share), f"{share:g}") for share in SHARES]
    said = f"{len(bins)} ranges of stated probability with their observed share and 95 % interval"
    return _picture(name, said, [*_grid(), *ticks, *marks])


def precision(weeks: Sequence[Week], *, name: str) -> Markup:
    """Share of confirmed comments per week, with its interval; weeks without labels are gaps."""
    step = PLOT_W / max(len(weeks), 1)
    spoken = [(LEFT + step * (at + 0.5), week) for at, week in enumerate(weeks) if _said(week)]
    marks: list[Markup] = []
    if len(spoken) > 1:
        points = " ".join(f"{_n(x)},{_n(_y(week.tally.precision))}" for x, week in spoken)
        marks.append(Markup('<polyline class="curve" points="{}"/>').format(points))
    for x, week in spoken:
        marks.append(_whisker(x, *week.tally.interval))
        told = f"{week.start:%d %b}: {week.tally.confirmed} of {week.tally.judged} confirmed"
        marks.append(_dot(x, _y(week.tally.precision), 4.5, told))
    said = f"{len(spoken)} of {len(weeks)} weeks have comments that people spoke about"
    return _picture(name, said, [*_grid(), *_weeks(weeks), *marks])


def stacked(
    weeks: Sequence[Week], parts: Sequence[Bars], *, name: str, unit: Callable[[float], str]
) -> Markup:
    """Bars per week, each a pile of `parts`, on an axis from 0 to the highest pile."""
    piles = [sum(part.values[at] for part in parts) for at in range(len(weeks))]
    top = _round_up(max(piles, default=0.0))
    step = PLOT_W / max(len(weeks), 1)
    marks: list[Markup] = []
    for at, week in enumerate(weeks):
        below = 0.0
        for part in parts:
            value = part.values[at]
            if value > 0:
                told = f"{week.start:%d %b}: {part.name} {unit(value)}"
                height = PLOT_H * value / top
                y = TOP + PLOT_H * (1 - below / top) - height
                marks.append(_bar(LEFT + step * (at + 0.14), y, step * 0.72, height, part, told))
            below += value
    said = f"the most in a week is {unit(max(piles, default=0.0))}"
    axis = _grid([unit(top * share) for share in SHARES])
    return _picture(name, said, [*axis, *_weeks(weeks), *marks])


def meter(value: float, *, css: str) -> Markup:
    """A small bar filled from 0 to 1, beside a figure that says the same."""
    return Markup(
        '<svg class="meter {}" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="rest" width="100" height="8" rx="2"/>'
        '<rect class="full" width="{}" height="8" rx="2"/></svg>'
    ).format(css, _n(100 * min(max(value, 0.0), 1.0)))


def _picture(name: str, said: str, marks: Sequence[Markup]) -> Markup:
    label = escape(f"{name}: {said}")
    body = Markup("").join(marks)
    return Markup(
        '<svg class="chart" viewBox="0 0 {} {}" width="{}" height="{}" role="img" '
        'aria-label="{}">{}</svg>'
    ).format(WIDTH, HEIGHT, WIDTH, HEIGHT, label, body)


def _grid(names: Sequence[str] = ("0 %", "25 %", "50 %", "75 %", "100 %")) -> list[Markup]:
    line = Markup(
        '<line class="grid" x1="{}" y1="{}" x2="{}" y2="{}"/>'
        '<text class="tick" x="{}" y="{}" text-anchor="end">{}</text>'
    )
    return [
        line.format(LEFT, _n(_y(s)), WIDTH - RIGHT, _n(_y(s)), LEFT - 6, _n(_y(s) + 4), told)
        for s, told in zip(SHARES, names, strict=True)
    ]


def _weeks(weeks: Sequence[Week]) -> list[Markup]:
    step = PLOT_W / max(len(weeks), 1)
    return [
        _tick_x(LEFT + step * (at + 0.5), f"{week.start:%d %b}")
        for at, week in enumerate(weeks)
        if at % 3 == 0
    ]


def _tick_x(x: float, told: str) -> Markup:
    mark = Markup('<text class="tick" x="{}" y="{}" text-anchor="middle">{}</text>')
    return mark.format(_n(x), HEIGHT - 12, told)


def _whisker(x: float, low: float, high: float) -> Markup:
    mark = Markup('<line class="whisker" x1="{}" y1="{}" x2="{}" y2="{}"/>')
    return mark.format(_n(x), _n(_y(low)), _n(x), _n(_y(high)))


def _dot(x: float, y: float, radius: float, told: str) -> Markup:
    mark = Markup('<circle class="dot" cx="{}" cy="{}" r="{}"><title>{}</title></circle>')
    return mark.format(_n(x), _n(y), _n(radius), told)


def _bar(x: float, y: float, width: float, height: float, part: Bars, told: str) -> Markup:
    mark = Markup(
        '<rect class="bar {}" x="{}" y="{}" width="{}" height="{}"><title>{}</title></rect>'
    )
    return mark.format(part.css, _n(x), _n(y), _n(width), _n(height), told)


def _round_up(value: float) -> float:
    """The next of 1, 2, 4, 8, 10, 20 … at or above `value`; 1 for nothing."""
    scale = 1.0
    while scale * 10 <= value:
        scale *= 10
    while value < scale / 10 and scale > 1e-3 and value > 0:
        scale /= 10
    return next((scale * one for one in (1, 2, 4, 8, 10) if scale * one >= value), scale * 10)


def _said(week: Week) -> bool:
    return week.tally.judged > 0


def _x(share: float) -> float:
    return LEFT + PLOT_W * share


def _y(share: float) -> float:
    return TOP + PLOT_H * (1 - share)


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")

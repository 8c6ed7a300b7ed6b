from __future__ import annotations

from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest
from markupsafe import Markup

from bot.dashboard import charts
from bot.dashboard.charts import Bars
from bot.dashboard.figures import Bin, Week
from worker.gate import Tally

WEEKS = [Week(datetime(2026, 3, 2, tzinfo=UTC), Tally(n, 1)) for n in range(4)]
BINS = [Bin(0.1, 0.3, 0.1, 0.5, 9), Bin(0.9, 0.8, 0.6, 0.9, 30)]
PICTURES = {
    "reliability": charts.reliability(BINS, name="<b>"),
    "no bins": charts.reliability([], name="n"),
    "precision": charts.precision(WEEKS, name="n"),
    "no weeks": charts.precision([], name="n"),
    "bars": charts.stacked(WEEKS, [Bars("x", "part-a", [1, 0, 3, 4])], name="n", unit=str),
    "no bars": charts.stacked(WEEKS, [Bars("x", "part-a", [0] * 4)], name="n", unit=str),
}


@pytest.mark.parametrize("name", sorted(PICTURES))
def test_a_picture_is_xml_told_in_words_without_style_or_script(name: str) -> None:
    root = ElementTree.fromstring(PICTURES[name])
    assert root.get("role") == "img"
    assert root.get("aria-label")
    assert all("style" not in one.attrib for one in root.iter())
    assert {one.tag for one in root.iter()}.isdisjoint({"script", "image", "foreignObject"})


def test_a_perfect_bin_lies_on_the_diagonal() -> None:
    root = ElementTree.fromstring(charts.reliability([Bin(0.5, 0.5, 0.4, 0.6, 9)], name="n"))
    dot = next(one for one in root.iter("circle"))
    diagonal = next(one for one in root.iter("line") if one.get("class") == "diagonal")
    ends = [float(diagonal.get(key, "nan")) for key in ("x1", "x2", "y1", "y2")]
    assert float(dot.get("cx", "nan")) == pytest.approx((ends[0] + ends[1]) / 2, abs=0.1)
    assert float(dot.get("cy", "nan")) == pytest.approx((ends[2] + ends[3]) / 2, abs=0.1)


def test_the_highest_pile_stays_inside_the_plot() -> None:
    parts = [Bars("a", "part-a", [7.0]), Bars("b", "part-b", [9.0])]
    root = ElementTree.fromstring(charts.stacked(WEEKS[:1], parts, name="n", unit=str))
    bars = list(root.iter("rect"))
    tops = [float(one.get("y", "nan")) for one in bars]
    assert min(tops) >= charts.TOP
    assert sum(float(one.get("height", "nan")) for one in bars) <= charts.PLOT_H


def test_names_are_escaped() -> None:
    assert "<b>" not in PICTURES["reliability"]
    assert isinstance(charts.meter(2.0, css="fine"), Markup)

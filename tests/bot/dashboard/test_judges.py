from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine

from tests.histories import MODEL, read_again
from tests.npm import NoNpm, Package, file_of

OTHER = "another-model:head"
STATIC = Path(__file__).parents[3] / "bot" / "static"
CHARTS = Package(
    "chart.js",
    "4.6.1",
    "hJyniucsFmq//EvXYvJ6c6mahPoI3kaxdjVH8awTaJ/fDNWeSqqqArixMJWkWNN6fcYvPU3HneSANFNYtRi61g==",
)


@pytest.fixture
def two(engine: Engine) -> Engine:
    """Another judge read the same code, and said 0.5 of each piece."""
    read_again(engine, OTHER)
    return engine


def selected(page: str) -> list[str]:
    return re.findall(r"<option selected>([^<]+)</option>", page)


def test_one_judge_has_nobody_to_be_compared_with(client: FlaskClient) -> None:
    page = client.get("/judge").text
    assert "A second judge appears here" in page
    assert not selected(page)


def test_two_judges_are_compared_on_the_code_that_both_met(
    client: FlaskClient, two: Engine
) -> None:
    page = client.get("/judge").text
    assert set(selected(page)) == {MODEL, OTHER}
    part = page[page.index('id="compare"') :]
    first, second = re.findall(r'<th scope="row"><code>[^<]+</code></th>(.*)</tr>', part)[:2]
    first, second = (re.sub(r' data-label="\w+"', "", one) for one in (first, second))
    assert re.findall(r">(\d+)<", first)[:2] == re.findall(r">(\d+)<", second)[:2]
    assert ">0.250<" in f"{first}{second}"  # Brier of a judge that always says 0.5
    assert part.count("<caption>") >= 2


def test_the_judges_that_are_compared_can_be_chosen(client: FlaskClient, two: Engine) -> None:
    page = client.get(f"/judge?first={OTHER}&second={MODEL}").text
    assert selected(page) == [OTHER, MODEL]
    assert selected(client.get("/judge?first=nobody&second=<b>").text)


def test_the_reliability_of_a_repository_is_of_one_judge(client: FlaskClient, two: Engine) -> None:
    page = client.get("/repositories/github/octo/rocket").text
    figure = page[page.index("<h2>Reliability</h2>") :].split("</figure>")[0]
    assert (f"by <code>{MODEL}</code>" in figure) != (f"by <code>{OTHER}</code>" in figure)
    counted = sum(int(n) for n in re.findall(r' data-n="(\d+)"', figure))
    (labelled,) = re.findall(rf">{OTHER}</code></th><td[^>]*>(\d+)<", page)
    assert counted == int(labelled)


def test_the_shipped_judge_shows_its_card_and_how_far_it_was_right(client: FlaskClient) -> None:
    page = client.get("/judge").text
    assert "Reliability as shipped" in page
    assert "Right among them" in page


def test_the_library_of_charts_is_the_one_that_its_package_brings() -> None:
    try:
        theirs = file_of(CHARTS, "dist/chart.umd.js").read_bytes()
    except NoNpm as reason:
        pytest.skip(str(reason))
    assert (STATIC / "vendor" / "chart.umd.js").read_bytes() == theirs

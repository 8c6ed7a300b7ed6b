from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, delete, update

from bot.dashboard import lists
from worker.agents import Authorship
from worker.noted import Notes
from worker.repo_config import Gate
from worker.store import feedback, gates, history, notes
from worker.store.engine import writing
from worker.store.tables import deliveries, reviews
from worker.store.tables import feedback as signals

ACCEPTED, IGNORED = feedback.Signal.ACCEPTED, feedback.Signal.IGNORED
ROCKET = {"forge": "github", "repo": "octo/rocket"}


def token(page: str) -> str:
    return re.search(r'name="csrf" value="([^"]+)"', page)[1]  # type: ignore[index]


def ids(page: str) -> list[int]:
    """Reviews that a list links to, in its order."""
    return [int(one) for one in re.findall(r'<th scope="row"><a href="/reviews/(\d+)"', page)]


def test_the_newest_reviews_come_first_and_pages_follow_without_gap_or_repeat(
    client: FlaskClient,
) -> None:
    seen: list[int] = []
    path: str | None = "/"
    while path:
        page = client.get(path).text
        seen += ids(page)
        found = re.search(r'rel="next" href="([^"]+)"', page)
        path = found[1].replace("&amp;", "&") if found else None
    assert seen == list(range(90, 0, -1))


def test_a_list_is_narrowed_to_a_state_and_to_a_repository(client: FlaskClient) -> None:
    assert ids(client.get("/?state=failed").text) == [62, 31]
    page = client.get("/?repo=github:octo/rocket").text
    assert ids(page)
    assert "octo/hello" not in page


@pytest.mark.parametrize("query", ["before=x", "before=-1", "before=" + "9" * 30, "state=odd"])
def test_nonsense_in_the_address_gives_the_whole_list(client: FlaskClient, query: str) -> None:
    answer = client.get(f"/?{query}")
    assert answer.status_code == 200
    assert ids(answer.text)[0] == 90


def test_a_review_shows_both_sides_its_verdicts_lines_and_events(client: FlaskClient) -> None:
    page = client.get("/reviews/86").text
    assert "return math.ceil(total / size)" in page
    assert "return total // size" in page
    assert page.count("P(correct)") >= 3
    assert "Without line 15: 0.81" in page
    assert all(event in page for event in ("queued", "prepared", "scored", "published"))
    assert "00000086-72d3" in page


def test_a_review_names_the_agents_that_wrote_in_it(client: FlaskClient, engine: Engine) -> None:
    assert "<dt>Agents</dt>" not in client.get("/reviews/86").text
    notes.save(engine, 86, Notes(agents=Authorship(("Aider", "Codex"))))
    assert "<dt>Agents</dt><dd>Aider, Codex</dd>" in client.get("/reviews/86").text


def test_code_and_titles_are_shown_and_never_run(client: FlaskClient, engine: Engine) -> None:
    bad = '<script>alert(1)</script><img src=x onerror="alert(1)">'
    with writing(engine) as connection:
        connection.execute(update(reviews).values(title=bad, reason=bad))
    history.keep_diff(engine, 86, f"--- a/x\n+++ b/x\n@@ -1 +1 @@\n-old\n+{bad}\u202e\x1b[31m\n")
    for path in ("/", "/reviews/86", "/repositories", "/repositories/github/octo/rocket"):
        page = client.get(path).text
        assert "<script>alert" not in page
        assert "<img" not in page
    assert "‹U+202E›‹U+001B›[31m" in client.get("/reviews/86").text


def test_a_repository_shows_its_figures_gate_and_teachers(client: FlaskClient) -> None:
    page = client.get("/repositories/github/octo/rocket").text
    assert page.count('role="img"') == page.count("<canvas") == page.count("data-chart=") == 4
    for word in ("Reliability", "Coverage", "Gate", "What was learnt", "later history", "Undo all"):
        assert word in page


def test_what_was_never_reviewed_does_not_exist(client: FlaskClient) -> None:
    for path in ("/reviews/9999", "/repositories/github/no/such", "/reviews/9999999999999999999"):
        answer = client.get(path)
        assert answer.status_code == 404
        assert "There is nothing here" in answer.text


@pytest.mark.parametrize("path", ["/", "/repositories", "/feedback", "/judge", "/health"])
def test_an_installation_without_reviews_says_what_will_be_here(
    client: FlaskClient, engine: Engine, path: str
) -> None:
    with writing(engine) as connection:
        connection.execute(delete(signals))
        connection.execute(delete(reviews))
    answer = client.get(path)
    assert answer.status_code == 200
    assert re.search(r"yet|No repositories|No review has failed", answer.text)


def test_where_nothing_was_delivered_an_admin_is_told_where_it_has_to_come_in(
    client: FlaskClient, engine: Engine
) -> None:
    assert "No delivery yet" not in client.get("/health").text
    with writing(engine) as connection:
        connection.execute(delete(deliveries))
    assert "/webhooks/github" in client.get("/health").text


def test_the_health_page_says_that_the_broker_is_down(client: FlaskClient) -> None:
    assert "The broker does not answer" in client.get("/health").text


def test_a_person_says_what_a_comment_was_worth_and_takes_it_back(
    client: FlaskClient, engine: Engine
) -> None:
    page = client.get("/reviews/86").text
    action = re.search(r'action="(/reviews/86/say/[0-9a-f]{16})"', page)[1]  # type: ignore[index]
    client.post(action, data={"csrf": token(page), "says": "wrong"})
    [kept] = feedback.page(engine, before=None, limit=1)
    assert (kept.given.author, kept.given.signal.value) == ("root", "accepted")
    client.post(f"/feedback/{kept.id}/undo", data={"csrf": token(page)})
    undone = feedback.get(engine, kept.id)
    assert undone is not None
    assert undone.undone_by == "root (admin)"
    client.post(f"/feedback/{kept.id}/redo", data={"csrf": token(page)})
    assert feedback.page(engine, before=None, limit=1)[0].undone_by == ""


def test_what_people_disagree_on_can_be_looked_at_alone(
    client: FlaskClient, engine: Engine
) -> None:
    assert "Nobody disagrees" in client.get("/feedback?show=disputed").text
    newest = feedback.page(engine, before=None, limit=20)
    first = next(one.given for one in newest if one.given.signal in {IGNORED, ACCEPTED})
    against = ACCEPTED if first.signal is IGNORED else IGNORED
    other = replace(first, delivery_id="x", author="somebody-else", signal=against)
    feedback.record(engine, other, now=datetime.now(UTC))
    page = client.get("/feedback?show=disputed").text
    assert page.count('<th scope="row">') == 2
    assert "somebody-else" in page


def test_everything_that_one_person_said_is_taken_back_at_once(
    client: FlaskClient, engine: Engine
) -> None:
    page = client.get("/repositories/github/octo/rocket").text
    data = {"csrf": token(page), "person": "ada"}
    client.post("/repositories/github/octo/rocket/forget", data=data)
    left = feedback.of_repo(engine, **ROCKET)
    assert left
    assert "ada" not in {one.author for one in left}


def test_a_gate_is_held_back_and_let_go(client: FlaskClient, engine: Engine) -> None:
    path = "/repositories/github/octo/rocket"
    csrf = token(client.get(path).text)
    client.post(f"{path}/gate", data={"csrf": csrf, "gate": "shadow"})
    held = gates.ceiling(engine, **ROCKET)
    assert held is not None
    assert (held.gate, held.set_by) == (Gate.SHADOW, "root (admin)")
    assert "Held at" in client.get(path).text
    client.post(f"{path}/gate", data={"csrf": csrf, "gate": "block"})
    assert gates.ceiling(engine, **ROCKET) is None


def test_a_gate_that_does_not_exist_is_refused(client: FlaskClient) -> None:
    path = "/repositories/github/octo/rocket"
    data = {"csrf": token(client.get(path).text), "gate": "ajar"}
    assert client.post(f"{path}/gate", data=data).status_code == 400


def test_a_page_reads_few_rows_however_little_a_person_may_see(engine: Engine) -> None:
    reads: list[int] = []

    def read(before: int | None, limit: int) -> list[feedback.Kept]:
        reads.append(limit)
        return feedback.page(engine, before=before, limit=limit)

    rows, _ = lists.visible(read, lambda row: False, start=None)
    assert rows == []
    assert len(reads) <= lists.MOST_READS


EVERY_PAGE = (
    "/",
    "/repositories",
    "/reviews/86",
    "/repositories/github/octo/rocket",
    "/feedback",
    "/judge",
    "/health",
    "/setup/github",
    "/sign-in",
)


@pytest.mark.parametrize("path", EVERY_PAGE)
def test_a_database_without_answer_gives_a_page_and_no_traceback(
    client: FlaskClient, engine: Engine, path: str
) -> None:
    with writing(engine) as connection:
        for table in ("feedback", "reviews", "snippets", "sessions"):
            connection.exec_driver_sql(f"ALTER TABLE {table} RENAME TO {table}_elsewhere")
    answer = client.get(path)
    assert answer.status_code == 503
    assert "The database does not answer" in answer.text
    assert "Traceback" not in answer.text


def test_times_are_told_in_utc(client: FlaskClient) -> None:
    assert f"{datetime.now(UTC):%Y}" in client.get("/reviews/86").text

"""The client's requests and the stand-in's answers, held against GitLab's own description."""

from dataclasses import replace

import pytest

from tests.doubles.gitlab.described import VARIABLE, Description, description
from tests.doubles.gitlab.state import Request
from worker.types import Conclusion

STATUS = {
    "parameters": [
        {"in": "query", "name": "ref", "required": True},
        {"in": "body", "name": "body", "schema": {"$ref": "#/definitions/Post"}},
    ],
    "responses": {"201": {"schema": {"$ref": "#/definitions/Status"}}},
}
SMALL = Description(
    {
        "paths": {"/api/v4/projects/{id}/statuses/{sha}": {"post": STATUS}},
        "definitions": {
            "Post": {
                "required": ["state"],
                "properties": {"state": {"enum": ["success"]}, "name": {}},
            },
            "Status": {"properties": {"id": {}}},
        },
    }
)
GOOD = Request(
    "POST", "/api/v4/projects/a%2Fb/statuses/1", {"ref": "x"}, {"state": "success"}, 201,
    {"id": 1}, "",
)  # fmt: skip


def test_what_is_as_described_has_no_problem() -> None:
    assert SMALL.covers(GOOD) and SMALL.problems(GOOD) == []


def test_any_success_is_the_described_one() -> None:
    assert SMALL.problems(replace(GOOD, status=200)) == []
    assert SMALL.problems(replace(GOOD, status=200, answer={"x": 1})) != []


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"query": {}}, "'ref' is missing"),
        ({"query": {"ref": "x", "sha": "y"}}, "'sha' is not described"),
        ({"body": {"name": "n"}}, "lacks 'state'"),
        ({"body": {"state": "fine"}}, "may not be 'fine'"),
        ({"body": {"state": "success", "color": "x"}}, "'color', which is not described"),
        ({"answer": [{"id": 1, "colour": 2}]}, "['colour']"),
    ],
)
def test_what_is_not_as_described_is_told(changed, said) -> None:
    (problem,) = SMALL.problems(replace(GOOD, **changed))
    assert said in problem


@pytest.fixture
def described() -> Description:
    found = description()
    if found is None:
        pytest.skip(
            "GitLab's OpenAPI description cannot be fetched here: "
            f"set {VARIABLE} to its doc/api/openapi/openapi_v2.yaml"
        )
    return found


def test_a_whole_review_is_as_gitlab_describes_it(gitlab, described) -> None:
    change = gitlab.change()
    gitlab.forge.describe(change)
    gitlab.forge.announce(change)
    gitlab.forge.diff(change)
    gitlab.forge.file(change, "app.py", sha=gitlab.head)
    gitlab.forge.commits(change)
    gitlab.forge.publish(change, gitlab.review(gitlab.comment(2, 3), gitlab.comment(24, 24)))
    gitlab.forge.publish(change, gitlab.review(conclusion=Conclusion.NOT_JUDGED))
    requests = gitlab.double.state.requests
    covered = {one.path.partition("?")[0] for one in requests if described.covers(one)}
    assert len(covered) >= 9
    assert [problem for one in requests for problem in described.problems(one)] == []

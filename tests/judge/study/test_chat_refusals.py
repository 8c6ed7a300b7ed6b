"""An endpoint that refuses one question, as one that is longer than it reads, goes on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pytest

from judge.study.chat import Reply
from judge.study.config import ChatEntry
from judge.study.pool import Candidate
from judge.study.remote import Asked, Refused
from judge.study.systems import Chat, NotMeasured

SHORT = Candidate("a", "t", 0, 1, "Add.", "def add(a, b):\n    return a + b\n", "python")
LONG = replace(SHORT, id="b", code="x = 1\n" * 500)


@dataclass
class Endpoint:
    """Reads `longest` characters, and tells log-probabilities of what it reads."""

    longest: int
    asked: list[bool] = field(default_factory=list)

    def ask(self, body: Mapping[str, object]) -> Asked:
        self.asked.append("logprobs" in body)
        if len(str(body["messages"])) > self.longest:
            raise Refused("HTTP 400")
        return Asked(Reply("Yes", 0.9 if "logprobs" in body else None, 10, 1), 0.1)


def chat(endpoint: Endpoint) -> Chat:
    entry = ChatEntry("box", "http://127.0.0.1", "m", samples=3)
    return Chat(entry, endpoint)  # type: ignore[arg-type]


def test_a_question_that_is_refused_alone_is_an_abstention_and_changes_no_other() -> None:
    endpoint = Endpoint(longest=2_000)
    long, short = chat(endpoint).answer([LONG, SHORT])["box"]
    assert (long.abstained, long.p) == (True, 0.5)
    assert (short.abstained, short.p) == (False, 0.9)
    assert endpoint.asked[-1]  # with its log-probabilities


def test_an_endpoint_that_refuses_everything_is_not_measured() -> None:
    with pytest.raises(NotMeasured, match="HTTP 400"):
        chat(Endpoint(longest=0)).answer([LONG, SHORT])

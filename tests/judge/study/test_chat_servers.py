"""The black-box judge against servers that run a model, and not a stand-in that recites answers.

The server of this suite runs the default model. Any other, such as `llama-server`, `vllm serve` or
`transformers serve`, is tried by its address: GAVEL_TEST_CHAT_URL and GAVEL_TEST_CHAT_MODEL.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from judge.study.answers import NotMeasured
from judge.study.chat import cost, p_of_samples
from judge.study.config import ChatEntry
from judge.study.pool import Candidate
from judge.study.remote import Endpoint
from judge.study.systems import Chat
from tests.doubles.chat_server import ChatServer
from tests.serving import served

TASK = [
    Candidate(f"a{sign}", "t/1", place, int(sign == "+"), "Add the two numbers.", code, "python")
    for place, (sign, code) in enumerate(
        (sign, f"def add(a, b):\n    return a {sign} b\n") for sign in "+-"
    )
]


@pytest.fixture(scope="module")
def serving() -> Iterator[ChatServer]:
    from judge.registry import DEFAULT_MODEL, require
    from worker.settings import WorkerSettings

    with served(ChatServer(require(WorkerSettings().home.expanduser(), DEFAULT_MODEL))) as made:
        yield made


@pytest.fixture
def server(serving: ChatServer, monkeypatch: pytest.MonkeyPatch) -> ChatServer:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    serving.gives_logprobs = True
    serving.seen.clear()
    return serving


def entry(url: str, model: str = "any", **more: object) -> ChatEntry:
    given = {"samples": 3, "max_tokens": 4, "price_in": 1.0, "price_out": 4.0, **more}
    return ChatEntry("box", url, model, **given)  # type: ignore[arg-type]


@pytest.mark.model
def test_a_real_model_is_judged_by_its_log_probabilities_and_asked_once(
    server: ChatServer, tmp_path: Path
) -> None:
    asked = entry(server.url)
    told = Chat(asked, Endpoint(asked, tmp_path)).answer(TASK)["box"]
    assert len(server.seen) == len(TASK)
    right, wrong = told
    assert not right.abstained
    assert not wrong.abstained
    assert 0 < (right.p or 0) < 1
    assert 0 < (wrong.p or 0) < 1
    assert right.p != wrong.p
    again = Chat(asked, Endpoint(asked, tmp_path)).answer(TASK)["box"]
    assert len(server.seen) == len(TASK)
    assert [one.score for one in again] == [one.score for one in told]
    assert all(one.money and one.tokens and one.cpu_seconds is None for one in told)


@pytest.mark.model
def test_a_real_model_without_log_probabilities_is_sampled(
    server: ChatServer, tmp_path: Path
) -> None:
    server.gives_logprobs = False
    asked = entry(server.url, samples=3)
    chat = Chat(asked, Endpoint(asked, tmp_path))
    (told,) = chat.answer(TASK[:1])["box"]
    sampled = [one for one in server.seen if not one.get("logprobs")]
    assert [one["seed"] for one in sampled] == [1, 2, 3]
    assert told.abstained or told.p in {1 / 5, 2 / 5, 3 / 5, 4 / 5}
    chat.answer(TASK[1:])
    assert sum(bool(one.get("logprobs")) for one in server.seen) == 1  # it is asked for them once


@pytest.mark.model
def test_a_real_run_stops_before_its_limit_is_passed(server: ChatServer, tmp_path: Path) -> None:
    free = entry(server.url)
    (first,) = Chat(free, Endpoint(free, tmp_path / "free")).answer(TASK[:1])["box"]
    assert first.money is not None
    limited = entry(server.url, cost_limit=first.money * 1.5)
    endpoint = Endpoint(limited, tmp_path / "limited")
    server.seen.clear()
    with pytest.raises(NotMeasured, match="could be passed by the next question"):
        Chat(limited, endpoint).answer(TASK * 3)
    assert limited.cost_limit is not None
    assert endpoint.spent <= limited.cost_limit
    assert len(server.seen) <= 1


@pytest.mark.model
def test_any_other_server_answers_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url, model = (os.environ.get(f"GAVEL_TEST_CHAT_{name}", "") for name in ("URL", "MODEL"))
    if not url or not model:
        pytest.skip("no other server: GAVEL_TEST_CHAT_URL and GAVEL_TEST_CHAT_MODEL name one")
    monkeypatch.setenv("no_proxy", "127.0.0.1,localhost")
    asked = entry(url, model, max_tokens=8)
    endpoint = Endpoint(asked, tmp_path)
    told = Chat(asked, endpoint).answer(TASK)["box"]
    assert all(0 < (one.p or 0) < 1 and not one.abstained for one in told)
    known = [one.tokens for one in told if one.tokens is not None]
    assert not known or endpoint.spent <= cost(asked, sum(known), sum(known))
    assert p_of_samples([]) is None

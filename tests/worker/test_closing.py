"""Closed threads and applied suggestions become labels, also where no delivery tells of them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import Engine

from tests.worker.office import CHANGE, Office
from tests.worker.talk import DIFF, FIX, TEXT, on_lines, reviewed, room
from worker.closing import meant
from worker.feedback import Feedback, Signal, labels
from worker.feedback_evidence import ballot
from worker.store import feedback


@pytest.fixture
def engine(sqlite_engine: Engine) -> Engine:
    return sqlite_engine


@pytest.mark.parametrize(
    "words",
    [
        "False positive: b is never 0",
        "This is not a bug.",
        "Won't fix, by design",
        "works as intended",
        "Das ist kein Fehler, so gewollt",
        "Faux positif",
        "Es un falso positivo",
        "\u8fd9\u662f\u8bef\u62a5",
        "\u4ed5\u69d8\u3067\u3059",
    ],
)
def test_a_thread_closed_with_such_words_is_dismissed_for_them(words: str) -> None:
    assert meant(words) == (Signal.DISMISSED, words)


@pytest.mark.parametrize(
    "words",
    [
        "",
        "Good catch, fixed",
        "Done",
        "That was unintentional, thanks",
        "Not a false positive: fixed",
    ],
)
def test_any_other_words_only_close_it(words: str) -> None:
    assert meant(words) == (Signal.RESOLVED, "")


def given(office: Office) -> list[Feedback]:
    return feedback.of_repo(office.engine, forge="memory", repo="octo/hello")


def push(office: Office, text: str, *, head: str = "head2") -> None:
    lines = text.splitlines()
    diff = DIFF.split("@@")[0] + f"@@ -0,0 +1,{len(lines)} @@\n" + "".join(f"+{x}\n" for x in lines)
    office.forge.push(head, diff)
    office.forge.files = {(head, "sums.py"): text}
    reviewed(office, replace(CHANGE, head_sha=head))


def close(office: Office, *, by: str, words: str = "") -> None:
    (comment,) = office.forge.standing
    office.forge.standing[0] = replace(comment, is_resolved=True, closed_by=by, closed_words=words)


def test_a_thread_that_somebody_closed_is_learnt_from_at_the_next_head(office: Office) -> None:
    reviewed(room(office))
    close(office, by="ann", words="Not a bug: c is only a name")
    push(office, TEXT + "\n\ndef more(a):\n    return a\n")
    push(office, TEXT + "\n\ndef most(a):\n    return a\n", head="head3")
    (one,) = given(office)
    assert (one.signal, one.author, one.is_own) == (Signal.DISMISSED, "ann", False)
    assert one.reason == "Not a bug: c is only a name"


def test_whoever_said_something_of_a_comment_is_not_asked_again(office: Office) -> None:
    reviewed(room(office))
    office.say(on_lines("/gavel accept", thread=office.forge.standing[0].id))
    close(office, by="ann", words="false positive")
    push(office, TEXT + "\n\ndef more(a):\n    return a\n")
    assert [one.signal for one in given(office)] == [Signal.ACCEPTED]


def test_a_suggestion_that_was_committed_says_that_the_code_was_wrong(office: Office) -> None:
    reviewed(room(office))
    office.say(on_lines(FIX, author="copilot", is_bot=True))
    push(office, TEXT.replace("c - b", "c + b"))
    push(office, TEXT.replace("c - b", "c + b") + "\n\ndef more(a):\n    return a\n", head="h3")
    (one,) = given(office)
    assert (one.signal, one.reason, one.is_own) == (Signal.APPLIED, "copilot", True)
    (label,) = labels([one])
    assert label.label == 0 and ballot([label]).without().total == 0  # no vote on the gate


def test_a_suggestion_that_nobody_took_says_nothing(office: Office) -> None:
    reviewed(room(office))
    office.say(on_lines(FIX))
    push(office, TEXT.replace("c - b", "b - c"))
    push(office, TEXT + "\n\ndef more(a):\n    return a\n", head="h3")
    assert given(office) == []

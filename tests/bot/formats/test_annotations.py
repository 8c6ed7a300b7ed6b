from __future__ import annotations

import re
from urllib.parse import unquote

from bot.formats.annotations import as_annotations
from worker.types import Assessment

COMMAND = re.compile(r"::(\w+) file=([^:,]*),line=(\d+),endLine=(\d+),title=([^:,]*)::(.*)")


def commands(assessment: Assessment) -> list[tuple[str, ...]]:
    """Level, file, first line, last line, title and message, as the runner reads them."""
    found = [COMMAND.fullmatch(line) for line in as_annotations(assessment).split("\n")[:-1]]
    assert all(found)
    return [tuple(map(unquote, one.groups())) for one in found if one]


def test_a_finding_is_an_error_where_the_gate_blocks(blocked: Assessment) -> None:
    ((level, file, *lines, title, message),) = commands(blocked)
    assert (level, file, lines) == ("error", "src/calc.py", ["11", "12"])
    assert title == "add: P(correct) = 0.10"
    assert message.startswith("add is very unlikely to be correct")


def test_advice_is_a_warning_and_the_worst_comes_first(advised: Assessment) -> None:
    found = commands(advised)
    assert [one[0] for one in found] == ["warning", "warning"]
    assert ["0.10" in found[0][4], "0.20" in found[1][4]] == [True, True]


def test_what_was_not_judged_is_a_notice(unread: Assessment) -> None:
    assert [(one[0], one[5]) for one in commands(unread)] == [
        ("notice", "Not judged: too long"),
        ("notice", "Not judged: huge"),
    ]


def test_the_last_line_is_the_title(any_assessment: Assessment) -> None:
    last = as_annotations(any_assessment).split("\n")[-1]
    assert last and not last.startswith("::")


def test_nothing_of_the_change_is_a_command(hostile: Assessment) -> None:
    text = as_annotations(hostile)
    assert not set(text) & set("\r\x1b\u202e\ud800")
    assert "\n::error::owned" not in text
    assert len(commands(hostile)) == 3

from __future__ import annotations

from judge.types import Snippet, SnippetKind
from worker.agents import Authorship
from worker.authorship import MAX_LISTED, MAX_READ, authorship
from worker.forges.memory import MemoryForge
from worker.jobs import ChangeRef
from worker.repo_config import Agents
from worker.types import Commit, Description

CHANGE = ChangeRef("memory", "octo/hello", 7, "head")
STRICT = Agents(threshold=0.5)
ADD = "def add(a, b):\n    return a + b"
SUB = "def sub(a, b):\n    return a - b"


def snippet(code: str, *, start: int = 1, path: str = "sums.py") -> Snippet:
    lines = tuple(range(start, start + len(code.split("\n"))))
    end = lines[-1]
    return Snippet(path, "python", start, end, code, SnippetKind.FUNCTION, "f", changed_lines=lines)


def diff(code: str, path: str = "sums.py") -> str:
    lines = code.split("\n")
    body = "".join(f"+{line}\n" for line in lines)
    return f"--- /dev/null\n+++ b/{path}\n@@ -0,0 +1,{len(lines)} @@\n{body}"


def forge(*commits: Commit, **diffs: str) -> MemoryForge:
    description = Description("head", "base", "Sums", "", "ann", True, is_draft=False)
    return MemoryForge(description, history=commits, commit_diffs=dict(diffs))


def by(name: str, sha: str) -> Commit:
    return Commit(sha, "Ann <ann@example.org>", f"Add\n\nCo-authored-by: {name} <aider@aider.chat>")


PERSON = Commit("p", "Ann <ann@example.org>", "Subtract")


def test_where_people_wrote_commits_too_only_the_agents_functions_are_theirs() -> None:
    one, other = snippet(ADD), snippet(SUB, start=3)
    given = forge(by("aider", "a"), PERSON, a=diff(ADD), p=diff(SUB))
    found = authorship(CHANGE, [one, other], rules=STRICT, forge=given)
    assert found == Authorship(("aider",), frozenset({one.fingerprint}))
    assert found.covers(one.fingerprint) and not found.covers(other.fingerprint)


def test_lines_that_moved_since_are_known_by_their_text() -> None:
    one = snippet(ADD, start=90)
    given = forge(by("aider", "a"), PERSON, a=diff(ADD))
    assert authorship(CHANGE, [one], rules=STRICT, forge=given).covers(one.fingerprint)


def test_the_same_line_in_another_file_is_not_theirs() -> None:
    one = snippet(ADD)
    given = forge(by("aider", "a"), PERSON, a=diff(ADD, "other.py"))
    assert authorship(CHANGE, [one], rules=STRICT, forge=given).fingerprints == frozenset()


def test_a_change_by_agents_alone_is_theirs_without_reading_commits() -> None:
    given = forge(by("aider", "a"), by("aider", "b"))
    assert authorship(CHANGE, [snippet(ADD)], rules=STRICT, forge=given) == Authorship(("aider",))


def test_a_commit_that_cannot_be_read_makes_all_code_theirs() -> None:
    given = forge(by("aider", "a"), PERSON)
    assert authorship(CHANGE, [snippet(ADD)], rules=STRICT, forge=given) == Authorship(("aider",))
    many = forge(*(by("aider", str(n)) for n in range(MAX_READ + 1)), PERSON)
    assert authorship(CHANGE, [snippet(ADD)], rules=STRICT, forge=many) == Authorship(("aider",))


def test_where_not_every_commit_is_listed_all_code_is_theirs() -> None:
    people = [Commit(f"p{n}", "Ann <ann@example.org>", "Step") for n in range(MAX_LISTED)]
    given = forge(by("aider", "a"), *people, a=diff(ADD))
    found = authorship(CHANGE, [snippet(SUB)], rules=STRICT, forge=given)
    assert found == Authorship(("aider",))


def test_no_commit_is_asked_for_where_the_rules_make_no_difference() -> None:
    given = forge(by("aider", "a"))
    given.failures = [AssertionError("asked")]  # type: ignore[list-item]
    found = authorship(CHANGE, [snippet(ADD)], rules=Agents(), forge=given)
    assert not found.names


def test_brackets_alone_tell_nothing_unless_the_file_is_theirs() -> None:
    one = snippet("}\n)")
    given = forge(by("aider", "a"), PERSON, a=diff("x = compute()"))
    assert authorship(CHANGE, [one], rules=STRICT, forge=given).covers(one.fingerprint)
    elsewhere = forge(by("aider", "a"), PERSON, a=diff("x = compute()", "b.py"))
    assert not authorship(CHANGE, [one], rules=STRICT, forge=elsewhere).covers(one.fingerprint)

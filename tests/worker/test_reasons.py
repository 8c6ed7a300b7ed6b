from __future__ import annotations

import inspect
import re

import pytest

from judge import encode, score
from judge.diff import FileDiff, parse
from worker import file_kinds
from worker.reasons import MESSAGES, told
from worker.repo_config import LOCALES, Rules
from worker.select import _over_limit, select
from worker.words import words_of

NUMBERS = re.compile(r"\d[\d,]*")
OTHERS = [name for name in LOCALES if name != "en"]
LINES = "".join(f"+x{n} = {n}\n" for n in range(3_001))
DIFFS = (
    "--- /dev/null\n+++ b/a.py\n@@ -0,0 +1,3001 @@\n" + LINES,
    "--- a/b.py\n+++ b/b.py\n@@ -1,2 +1 @@\n a\n-b\n",
    "diff --git a/c.png b/c.png\nnew file mode 100644\nBinary files /dev/null and b/c.png differ\n",
    "--- a/vendor/d.py\n+++ b/vendor/d.py\n@@ -1 +1,2 @@\n a\n+b\n",
    "--- a/e.md\n+++ b/e.md\n@@ -1 +1,2 @@\n a\n+b\n",
    "--- a/f.py\n+++ b/f.py\n@@ -1 +1,2 @@\n a\n+# b\n",
    "--- a/g.rb\n+++ b/g.rb\n@@ -1 +1,2 @@\n a\n+b = 2\n",
)


def files() -> list[FileDiff]:
    return [file for diff in DIFFS for file in parse(diff)]


@pytest.mark.parametrize("locale", OTHERS)
def test_every_reason_of_a_skipped_file_is_told_in_the_repositorys_language(locale: str) -> None:
    say = words_of(locale)
    rules = Rules(languages=("python",))
    found = [one.reason for one in select(files(), {}, rules=rules).skipped]
    found += [one.reason for one in select(files(), {}, rules=Rules(ignore=("*",))).skipped]
    found += [*file_kinds.NOT_CODE.values(), *(_over_limit(2, n, 5) for n in (2, 9))]
    assert len(set(found)) >= 12
    for reason in found:
        assert told(reason, say) not in {reason, ""}, reason
        assert sorted(NUMBERS.findall(told(reason, say))) == sorted(NUMBERS.findall(reason))


@pytest.mark.parametrize("locale", OTHERS)
def test_every_message_has_words_in_every_language(locale: str) -> None:
    say = words_of(locale)
    for message in MESSAGES:
        assert say._one(message) != message, message


def test_in_english_a_reason_stays_as_it_is() -> None:
    reason = "too large: 3,001 added lines, at most 3,000 are judged"
    assert told(reason, words_of("en")) == reason


@pytest.mark.parametrize(
    "reason", ["<img src=x>", "@everyone look", "too large: `x` kB, at most 5 kB are judged"]
)
def test_a_reason_of_others_is_escaped(reason: str) -> None:
    assert told(reason, words_of("de")).startswith("`")


def test_every_reason_of_the_judge_is_one_of_them() -> None:
    source = inspect.getsource(score.Method._no_support) + inspect.getsource(encode.encode)
    joined = re.sub(r'"\s*\n\s*f?"', "", source)
    found = re.findall(r'(?:return|Unreadable\()\s*f?"([^"]+)"', joined)
    assert len(found) >= 7
    for one in found:
        filled = re.sub(r"\{[^}]*language[^}]*\}", "ruby", one)
        filled = re.sub(r"\{[^}]*\}", "1,234", filled)
        assert told(filled, words_of("de")) not in {filled, f"`{filled}`"}, filled

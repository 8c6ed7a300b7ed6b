"""The use case of `gavel review`: from a repository or a diff to an assessment. Acts: reads."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from bot.local import LocalRepository, find
from bot.problems import WrongUse
from judge.diff import FileDiff, parse
from judge.types import Judge
from worker.repo_config import RULES_FILE, Rules, parse_rules
from worker.review import assess
from worker.types import Assessment


def review_tree(
    repository: LocalRepository,
    base: str | None,
    *,
    threshold: float | None,
    judge: Judge,
    prompt: str = "",
) -> Assessment:
    """What the judge says of a working tree against HEAD, or against where HEAD left `base`.

    prompt  what the change is for, for functions without a description of their own
    """
    tip = repository.head() if base is None else repository.resolve(base)
    since = tip if base is None else repository.merge_base(tip)
    rules = rules_at(repository, tip, threshold=threshold)
    diff = repository.diff(since)
    return judged(diff, read=repository.file, rules=rules, judge=judge, prompt=prompt)


def review_diff(
    text: str, folder: Path, *, threshold: float | None, judge: Judge, prompt: str = ""
) -> Assessment:
    """What the judge says of a diff, with the texts and rules of the repository there, if any."""
    try:
        repository = find(folder)
    except WrongUse:
        rules = ruled(Rules(), threshold)
        return judged(text, read=lambda _: None, rules=rules, judge=judge, prompt=prompt)
    rules = rules_at(repository, repository.head(), threshold=threshold)
    return judged(text, read=repository.file, rules=rules, judge=judge, prompt=prompt)


def judged(
    diff: str,
    *,
    read: Callable[[str], str | None],
    rules: Rules,
    judge: Judge,
    prompt: str = "",
) -> Assessment:
    """The assessment of `diff`; a file's text counts only where the diff fits it line by line."""
    files = {file.path: file for file in parse(diff)}

    def fitting(path: str) -> str | None:
        text = read(path)
        file = files.get(path)
        return text if text is not None and (file is None or fits(file, text)) else None

    return assess(diff, read=fitting, judge=judge, rules=rules, prompt=prompt)


def fits(file: FileDiff, text: str) -> bool:
    """Whether `text` is the new side of `file`: every line that the diff shows stands there."""
    lines = [line.rstrip("\r") for line in text.split("\n")]
    return all(
        line.new_line <= len(lines) and lines[line.new_line - 1] == line.text.rstrip("\r")
        for hunk in file.hunks
        for line in hunk.lines
        if line.new_line is not None
    )


def rules_at(repository: LocalRepository, sha: str, *, threshold: float | None) -> Rules:
    """The rules of the repository at a commit. Raises RulesError."""
    text = repository.file_at(sha, RULES_FILE)
    return ruled(Rules() if text is None else parse_rules(text), threshold)


def ruled(rules: Rules, threshold: float | None) -> Rules:
    """`rules`, with the threshold of the command line where there is one."""
    return rules if threshold is None else rules.model_copy(update={"threshold": threshold})

"""Decide how a failure ends a command: its exit code and its one sentence. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

from worker.escape import plain

MAX_SENTENCE = 2_000  # characters; it may quote text from a change


class Code(IntEnum):
    """Exit codes of every command. Scripts rely on them."""

    FINE = 0
    BLOCKED = 1  # the gate says so, and nothing else does
    WRONG_USE = 2
    COULD_NOT_JUDGE = 3


class WrongUse(Exception):
    """Arguments, input or configuration are wrong: the sentence names the thing and the remedy."""


class CouldNotJudge(Exception):
    """The command was used rightly and failed: the sentence names the thing and the remedy."""


# By name, so that `gavel --help` imports none of these modules. A test resolves every name.
CODES: Mapping[str, Code] = {
    "bot.problems.WrongUse": Code.WRONG_USE,
    "bot.settings.SettingsError": Code.WRONG_USE,
    "judge.adapter.AdapterError": Code.WRONG_USE,
    "judge.diff.DiffError": Code.WRONG_USE,
    "judge.plugins.PluginError": Code.WRONG_USE,
    "judge.registry.ModelMissing": Code.WRONG_USE,
    "judge.registry.UnknownModel": Code.WRONG_USE,
    "worker.repo_config.RulesError": Code.WRONG_USE,
    "worker.store.engine.StoreError": Code.WRONG_USE,
    "bot.problems.CouldNotJudge": Code.COULD_NOT_JUDGE,
    "judge.pull.PullError": Code.COULD_NOT_JUDGE,
    "worker.forges.base.ForgeError": Code.COULD_NOT_JUDGE,
    "worker.queue.QueueError": Code.COULD_NOT_JUDGE,
    "worker.review.CannotJudge": Code.COULD_NOT_JUDGE,
}


@dataclass(frozen=True, slots=True)
class Problem:
    """What a failed command tells its user: an exit code and one sentence."""

    code: Code
    sentence: str


def sentence_of(error: Exception) -> str:
    """What `error` says; of one of the operating system, the file and the reason without a number.

    >>> sentence_of(FileNotFoundError(2, "No such file or directory", "rows.jsonl"))
    'rows.jsonl: no such file or directory'
    """
    if isinstance(error, OSError) and error.strerror and error.filename is not None:
        reason = error.strerror[:1].lower() + error.strerror[1:]
        return f"{error.filename2 or error.filename}: {reason}"
    return str(error)


def known(error: Exception) -> Problem | None:
    """The problem that `error` stands for, or None where it is a fault of our own."""
    for kind in type(error).__mro__:
        code = CODES.get(f"{kind.__module__}.{kind.__qualname__}")
        if code is not None:
            return Problem(code, plain(str(error), limit=MAX_SENTENCE) or kind.__name__)
    return None

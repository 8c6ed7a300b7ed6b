"""Turn an example into token ids, the same way for training and for serving. Decides; no I/O.

The chat shows the task, then the solution in a fence, then asks for Yes or No. The text is cut
into three pieces that are tokenised apart, so that the tokens of one never depend on its
neighbours:

    prefix   the chat's opening, the task, the fence's first line: equal for a task's candidates
    code     the solution, the only part whose tokens are averaged and whose log-probability counts
    tail     the fence's end, the question, the opening of the answer
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from itertools import dropwhile
from typing import Protocol

from judge.addressed import silenced
from judge.hostile import TASK, unaddressed
from judge.types import Example

PROMPT_VERSION = "1"
SYSTEM = "You are a careful code reviewer."
QUESTION = "Does the solution implement the task correctly for every input? Answer Yes or No."
MAX_TOKENS = 4096  # of one example in training, and in one reading of a judge
MAX_READ = 16_384  # tokens of one example that a judge reads in windows; a longer one is not judged
MAX_TASK_TOKENS = 1024  # of the task; a longer description keeps its beginning
MAX_CHARS = 64_000  # longer code is never tokenised: it cannot fit

_SPECIAL = re.compile(r"<\|([^|<>\n]{1,40})\|>")
_DOCSTRING = re.compile(r"^[ \t]*[rRuU]{0,2}(\"\"\"|''')(.*?)\1[ \t]*\n?", re.DOTALL | re.MULTILINE)
_BLOCK_COMMENT = re.compile(r"^[ \t]*/\*\*?(.*?)\*/[ \t]*\n?", re.DOTALL | re.MULTILINE)
_OPENS_BODY = re.compile(r"^\s*(?:(?:async\s+)?def\b.*|\).*):\s*$|.*\{\s*$")
SIGNATURE_LINES = 12  # a longer list of parameters counts as code


class Tokenizer(Protocol):
    """The one thing that encoding needs of a tokenizer."""

    def encode(self, text: str, *, add_special_tokens: bool = ...) -> list[int]:
        """Token ids of `text`."""
        ...


@dataclass(frozen=True, slots=True)
class Encoded:
    """Token ids of one example, in its three pieces; `code` is never empty."""

    prefix: tuple[int, ...]
    code: tuple[int, ...]
    tail: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.prefix) + len(self.code) + len(self.tail)

    def bare(self) -> Encoded:
        """The same without the question."""
        return Encoded(self.prefix, self.code, ())


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An example that cannot be judged, and why, in one sentence."""

    reason: str


def encode(
    example: Example, tokenizer: Tokenizer, *, max_tokens: int = MAX_TOKENS
) -> Encoded | Unreadable:
    """Token ids of `example`, at most `max_tokens`, or the reason why there are none.

    Lone surrogates, NUL bytes and the model's own control tokens in the text are replaced: what
    stands in a change can never end the chat's turn or begin another. What is addressed to the
    judge is not read at all.
    """
    if len(example.code) > MAX_CHARS:
        return Unreadable(
            f"the code has {len(example.code):,} characters: "
            f"at most {MAX_CHARS:,} can be judged at once"
        )
    prompt = unaddressed(example.prompt, TASK)
    said = _said(example, prompt)
    if not said.strip():
        return Unreadable("there is no code to judge")
    task, code = solution(_clean(prompt), _clean(said))
    tokens = _tokens_of(tokenizer)
    prefix = (
        tokens(f"<|im_start|>system\n{SYSTEM}<|im_end|>\n<|im_start|>user\nTask:\n")
        + tokens(task)[:MAX_TASK_TOKENS]
        + tokens(f"\n\nSolution:\n```{example.language}\n")
    )
    body = tokens(code)
    tail = tokens(f"\n```\n\n{QUESTION}<|im_end|>\n<|im_start|>assistant\n")
    encoded = Encoded(prefix, body, tail)
    if len(encoded) > max_tokens:
        return Unreadable(
            f"the code has {len(body):,} tokens: at most {max_tokens:,} fit with its task"
        )
    return encoded


def _said(example: Example, prompt: str) -> str:
    """The code without what is addressed to the judge. What the task says too is dropped before
    where it would not be known afterwards."""
    said = silenced(example.code, example.language)
    if said == example.code or _unrepeated(said, prompt) != said:
        return said
    return silenced(_unrepeated(example.code, example.prompt), example.language)


def solution(prompt: str, code: str) -> tuple[str, str]:
    """The task and the whole function that answers it, each said once.

    A body alone gets the signature that ends its prompt, and a task without the code's signature
    gets that, so that a name that the code gives itself costs it nothing. A docstring or leading
    block comment of the code that the prompt says already is dropped: its easy tokens are not
    code.
    """
    code = _unrepeated(code, prompt)
    asked = _open_signature(prompt)
    if asked and not _holds(code, asked):
        code = asked + "\n" + code.strip("\n")
    task = prompt.strip() or "(no description)"
    given = _first_signature(code)
    if given and not _holds(task, given):
        task += "\n\n" + given
    return task, code.strip("\n").rstrip()


def _unrepeated(code: str, prompt: str) -> str:
    return _without_repeated(_without_repeated(code, prompt, _DOCSTRING), prompt, _BLOCK_COMMENT)


def _without_repeated(code: str, prompt: str, pattern: re.Pattern[str]) -> str:
    """`code` without the first match of `pattern`, where the prompt holds the same words."""
    found = pattern.search(code)
    if not found:
        return code
    words = _words(found.group())
    if not words or words not in _words(prompt):
        return code
    rest = code[: found.start()] + code[found.end() :]
    return rest if rest.strip() else code


def _words(text: str) -> str:
    return " ".join(re.findall(r"\w+", text))


def _open_signature(prompt: str) -> str:
    """The last line of `prompt` that opens a body, where nothing but comments follows it, or ""."""
    bare = _BLOCK_COMMENT.sub("", _DOCSTRING.sub("", prompt)).rstrip()
    last = bare.rsplit("\n", 1)[-1]
    return last if _OPENS_BODY.match(last) else ""


def _first_signature(code: str) -> str:
    """The lines of `code` up to the first that opens a body, without decorators, or ""."""
    lines = code.strip("\n").splitlines()[:SIGNATURE_LINES]
    lines = list(dropwhile(lambda line: line.lstrip().startswith("@"), lines))
    for count, line in enumerate(lines, start=1):
        if _OPENS_BODY.match(line):
            return textwrap.dedent("\n".join(lines[:count]))
    return ""


def _holds(text: str, part: str) -> bool:
    """Whether `part` stands in `text`, white space aside."""
    return "".join(part.split()) in "".join(text.split())


def _clean(text: str) -> str:
    text = (
        text.encode("utf-8", "replace").decode("utf-8").replace("\0", "\N{REPLACEMENT CHARACTER}")
    )
    text = text.replace("\r\n", "\n")
    return _SPECIAL.sub(r"<| \1 |>", text)


def _tokens_of(tokenizer: Tokenizer) -> Callable[[str], tuple[int, ...]]:
    def tokens(text: str) -> tuple[int, ...]:
        return tuple(tokenizer.encode(text, add_special_tokens=False))

    return tokens

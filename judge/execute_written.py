"""Let a model write tests of a task, and keep those that can be read in one way. Acts: the model.

A test is a call with literals and the value that it should give, as an example of a description is:
what the model writes beside that is not run.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

from judge.examples import Shown, examples_of
from judge.train.generate import Writer

ASK = (
    "Write {count} test cases for this {language} function, one a line, each as\n"
    "{entry}(arguments) == result\n"
    "with literal arguments and results, and nothing else.\n\n{prompt}"
)
COUNT = 8
MAX_TOKENS = 256
_ENTRY = re.compile(r"(?:def|function)\s+([\w$]+)\s*\(")


def written_tests(
    prompt: str,
    codes: Sequence[str],
    language: str,
    *,
    writer: Writer,
    samples: int = 1,
    temperature: float = 0.5,
) -> list[Shown]:
    """The tests that the model wrote for `prompt`, without those that the prompt shows itself.

    codes    the candidates; a test calls a function that one of them defines
    samples  answers that the model gives
    """
    entry = _entry(prompt, codes)
    if not entry:
        return []
    ask = ASK.format(count=COUNT, language=language, entry=entry, prompt=prompt.strip())
    seed = int.from_bytes(hashlib.sha256(ask.encode("utf-8", "replace")).digest()[:4], "big")
    answers = writer.write(
        ask,
        f"```{language}\n{entry}(",
        count=samples,
        temperature=temperature,
        max_tokens=MAX_TOKENS,
        seed=seed,
    )
    texts = [f"{entry}({answer.partition('```')[0]}" for answer in answers if answer]
    known = {repr(one.call) for one in examples_of([prompt], codes, language)}
    found = examples_of(texts, codes, language)
    return [one for one in found if repr(one.call) not in known]


def _entry(prompt: str, codes: Sequence[str]) -> str:
    for text in (prompt, *codes):
        found = _ENTRY.findall(text)
        if found:
            return str(found[-1] if text == prompt else found[0])
    return ""

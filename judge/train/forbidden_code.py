"""Decide which code repeats what examines the judge, whatever it is called. No I/O.

Of the reference solutions of HumanEval and QuixBugs hashes of some of their runs of tokens are
kept, and of CoderEval's functions hashes of their signatures, all in forbidden_code.json: enough to
know such code, too little to read it.
"""

from __future__ import annotations

import base64
import json
import re
import zlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np

from judge.train.leakage import shingles

SAMPLED = 4  # one run in so many is kept, by its hash
_SIGNATURE = re.compile(r"^(?!\s*[@*/#]).*?\b([A-Za-z_]\w*)\s*\(([^()]*)\)", re.MULTILINE)
_TELLING = 16  # characters of name and parameters; shorter ones are anybody's
ENOUGH, SHARE = 4, 0.7  # runs that must be known, and their share of those that are looked at


def refusal_of_code(code: str) -> str:
    """Why `code` may not be used, or "" where it may."""
    if repeats_benchmark(code):
        return "its code is nearly a reference solution of HumanEval or QuixBugs"
    if has_benchmark_signature(code):
        return "its function is one that CoderEval asks for"
    return ""


def repeats_benchmark(code: str) -> bool:
    """Whether most of `code` is a reference solution of a benchmark, comments and layout apart."""
    looked_at = sampled(code)
    known = len(looked_at & _known())
    return known >= ENOUGH and known >= SHARE * len(looked_at)


def sampled(code: str) -> frozenset[int]:
    """The hashes of `code` that are looked at."""
    return frozenset(one for one in shingles(code) if one % SAMPLED == 0)


def has_benchmark_signature(code: str) -> bool:
    """Whether `code` opens with a function that CoderEval asks for, parameters and all."""
    return any(one in _known_signatures() for one in signatures(code))


def signatures(code: str) -> Iterator[int]:
    """The hash of the first signature of `code`, where it has one that says something."""
    found = _SIGNATURE.search(code)
    if found is None or found.group(1).startswith("__"):
        return
    name, parameters = found.group(1), "".join(found.group(2).split())
    if len(name) + len(parameters) >= _TELLING:
        yield zlib.crc32(f"{name}({parameters})".encode("utf-8", "surrogatepass"))


def packed(hashes: frozenset[int]) -> str:
    """Hashes as text for forbidden_code.json."""
    return base64.b64encode(np.array(sorted(hashes), dtype="<u4").tobytes()).decode()


@cache
def _known() -> frozenset[int]:
    return _unpacked("runs")


@cache
def _known_signatures() -> frozenset[int]:
    return _unpacked("signatures")


def _unpacked(name: str) -> frozenset[int]:
    told = json.loads(Path(__file__).with_name("forbidden_code.json").read_text())
    data = np.frombuffer(base64.b64decode(told[name]), dtype="<u4")
    return frozenset(data.tolist())

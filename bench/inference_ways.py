"""One way to judge, measured in a process of its own. Acts; started by bench/inference.py.

Standard output is one line of JSON. A process per way, so that its peak memory is its own.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import random
import resource
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path

from inference_rows import Row, evenly, load  # isort: skip - it puts the project on the path
from inference_figures import Measured, tokens_of, vocabulary_share  # isort: skip

import psutil

from judge.encode import Encoded, encode
from judge.registry import lookup, model_folder, require
from judge.score import load_judge
from judge.types import Judge

BATCH = 8
WARM_UP = 2
GROWTH = (1, 3, 10, 30, 100, 300, 1000)
LENGTHS = (100, 200, 400, 800, 1600, 3200, 8000)

Run = Callable[[Sequence[Row]], object]


class Absent(Exception):
    """This way cannot be measured here; the message says why."""


def main() -> int:
    """Measure one way on one set, its tokens, the limit of the hardware, or growth."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=[*WAYS, "tokens", "limit", "vocabulary", "growth"])
    parser.add_argument("--model", required=True)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--set", default="tasks")
    parser.add_argument("--limit", type=int, default=0)
    parser.add_argument("--threads", type=int, required=True)
    args = parser.parse_args()
    import torch

    torch.set_num_threads(args.threads)
    rows = chosen(load(), args.set, args.limit)
    if args.what == "tokens":
        said: object = asdict(tokens_of(encoded(rows, tokenizer_of(args.model, args.home))))
    elif args.what == "limit":
        from inference_limit import tokens_per_s

        folder = require(args.home, args.model)
        said = tokens_per_s(json.loads((folder / "config.json").read_text(encoding="utf-8")))
    elif args.what == "vocabulary":
        folder = require(args.home, args.model)
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        said = {"share": vocabulary_share(config), "precision": precision()}
    elif args.what == "growth":
        said = growth(args.model, args.home, limit=args.limit)
    else:
        said = asdict(measure(args.what, args, rows))
    print(json.dumps(said))
    return 0


def chosen(rows: Sequence[Row], name: str, limit: int) -> list[Row]:
    """The rows of a set: tasks one after the other, functions in no order; some where limited."""
    of_set = [row for row in rows if row.set == name]
    if name == "tasks":
        return of_set[: limit or None]
    some = evenly(of_set, limit) if 1 < limit < len(of_set) else of_set[: limit or None]
    random.Random(0).shuffle(some)
    return some


def measure(way: str, args: argparse.Namespace, rows: Sequence[Row]) -> Measured:
    """Load, warm up, then judge every row once."""
    try:
        run = WAYS[way](args.model, args.home, args.threads)
    except Absent as reason:
        return Measured(way, args.set, absent=str(reason))
    run(rows[:WARM_UP])
    before, cpu = time.perf_counter(), time.process_time()
    run(rows)
    seconds, cpu_s = time.perf_counter() - before, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    peak_mb = peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6  # getrusage(2)
    held = psutil.Process().memory_info()
    own_mb = (held.rss - getattr(held, "shared", 0)) / 1e6
    return Measured(way, args.set, len(rows), seconds, cpu_s, peak_mb, own_mb)


def precision() -> str:
    """The precision that the judge runs in on this processor, as the limit names it."""
    import torch

    from judge.precision import multiplies_bf16

    return "bf16" if multiplies_bf16(torch.cpu.get_capabilities()) else "fp32"


def gavel(model: str, home: Path, threads: int) -> Run:
    """(a) This project's judge."""
    judge = load_judge(model, home=home)
    return lambda rows: judge.judge([row.example for row in rows])


def batches(model: str, home: Path, threads: int) -> Run:
    """(b) Plain transformers, eight rows padded to the longest: the logits of Yes and No."""
    return partial(_plain, *_loaded(model, home), size=BATCH)


def one_by_one(model: str, home: Path, threads: int) -> Run:
    """(c) Plain transformers, a row at a time."""
    return partial(_plain, *_loaded(model, home), size=1)


def llama_cpp(model: str, home: Path, threads: int) -> Run:
    """(d) llama.cpp on the model's quantised file, a row at a time."""
    try:
        from llama_cpp import Llama
    except ImportError:
        raise Absent("llama-cpp-python is not installed: it is in the extra 'bench'") from None
    path = model_folder(home, model) / lookup(model).file
    if not path.is_file():
        raise Absent(f"{path.name} is not kept in {path.parent}")
    llama = Llama(str(path), n_ctx=4608, n_threads=threads, n_threads_batch=threads, verbose=False)
    tokenizer = tokenizer_of(model, home)

    def run(rows: Sequence[Row]) -> None:
        for row in encoded(rows, tokenizer):
            llama.reset()
            llama.eval([*row.prefix, *row.code, *row.tail])

    return run


def _loaded(model: str, home: Path) -> tuple[object, object]:
    import torch
    from transformers import AutoModelForCausalLM

    folder = require(home, model)
    network = AutoModelForCausalLM.from_pretrained(folder, local_files_only=True, dtype="auto")
    torch.set_grad_enabled(False)
    return network.eval(), tokenizer_of(model, home)


def _plain(network: object, tokenizer: object, rows: Sequence[Row], *, size: int) -> list[float]:
    import torch

    yes, no = (tokenizer.encode(word, add_special_tokens=False)[0] for word in ("Yes", "No"))  # type: ignore[attr-defined]
    said: list[float] = []
    for start in range(0, len(rows), size):
        some = encoded(rows[start : start + size], tokenizer)
        ids = [[*one.prefix, *one.code, *one.tail] for one in some]
        longest = max(map(len, ids))
        padded = torch.tensor([[0] * (longest - len(one)) + one for one in ids])
        mask = torch.tensor([[0] * (longest - len(one)) + [1] * len(one) for one in ids])
        logits = network(  # type: ignore[operator]
            input_ids=padded,
            attention_mask=mask,
            position_ids=(mask.cumsum(1) - 1).clamp(min=0),
            use_cache=False,
            logits_to_keep=1,
        ).logits[:, -1]
        said += (logits[:, yes] - logits[:, no]).tolist()
    return said


def tokenizer_of(model: str, home: Path) -> object:
    """The model's tokenizer."""
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(require(home, model), local_files_only=True)


def encoded(rows: Sequence[Row], tokenizer: object) -> list[Encoded]:
    """Token ids of the rows. Raises ValueError for one that cannot be judged."""
    found = []
    for row in rows:
        one = encode(row.example, tokenizer)  # type: ignore[arg-type]
        if not isinstance(one, Encoded):
            raise ValueError(f"{row.id}: {one.reason}")
        found.append(one)
    return found


def growth(model: str, home: Path, *, limit: int) -> dict[str, list[tuple[int, float]]]:
    """Seconds by number of candidates of one length, and by tokens of one candidate.

    limit  largest number of candidates, and a twentieth of the tokens; 0 for all. Sizes that the
           judge refuses to read are left out
    """
    judge = load_judge(model, home=home)
    tokenizer = tokenizer_of(model, home)
    functions = chosen(load(), "functions", 0)
    judge.judge([functions[0].example])
    counts = [n for n in GROWTH if not limit or n <= limit]
    lengths = [n for n in LENGTHS if not limit or n <= 20 * limit]
    by_count = [(n, timed(judge, many(functions, n))) for n in counts]
    by_length = [(n, timed(judge, [long_row(functions, n, tokenizer)])) for n in lengths]
    return {"candidates": _read(by_count), "tokens": _read(by_length)}


def _read(points: Sequence[tuple[int, float | None]]) -> list[tuple[int, float]]:
    return [(size, seconds) for size, seconds in points if seconds is not None]


def many(functions: Sequence[Row], count: int) -> list[Row]:
    """`count` rows of one short function, each with a task of its own: only the chat is shared."""
    short = sorted(functions, key=lambda row: len(row.code))[len(functions) // 8]
    return [replace(short, prompt=f"Number {n}. {short.prompt}") for n in range(count)]


def long_row(functions: Sequence[Row], tokens: int, tokenizer: object) -> Row:
    """One function of about `tokens` tokens, made of the bodies of all."""
    lines = [line for row in functions for line in row.code.split("\n")]
    text = "def whole():\n" + "".join(f"    {line}\n" for line in lines)
    while len(ids := tokenizer.encode(text, add_special_tokens=False)) < tokens:  # type: ignore[attr-defined]
        text += text
    code = tokenizer.decode(ids[:tokens])  # type: ignore[attr-defined]
    return replace(functions[0], prompt="Everything at once.", code=code)


def timed(judge: Judge, rows: Sequence[Row]) -> float | None:
    """Seconds for all rows, or None where the judge did not read them."""
    before = time.perf_counter()
    verdicts = judge.judge([row.example for row in rows])
    seconds = time.perf_counter() - before
    refused = any(one.abstained and "at most" in one.reason for one in verdicts)
    return None if refused else seconds


WAYS: Mapping[str, Callable[[str, Path, int], Run]] = {
    "gavel": gavel,
    "batches": batches,
    "one by one": one_by_one,
    "llama.cpp": llama_cpp,
}

if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(main())

"""Make the demo's change: the default model completes each task's stub. Acts.

    python -m judge.train.demo_change --weights FOLDER --out bot/demo/change

reads OUT/tasks.toml (tasks and tests, written by people) and writes OUT/change.patch and
OUT/generation.json: what the model wrote, with what settings, and how its tests ended. The first
sample of every task is taken, whatever it is, and no answer is edited.
"""

from __future__ import annotations

import argparse
import difflib
import hashlib
import json
import platform
import re
import sys
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from judge.registry import DEFAULT_MODEL, lookup

if TYPE_CHECKING:
    from torch import Tensor
    from transformers import PreTrainedTokenizerBase as Tokenizer

from judge.train.demo_tests import Bench, Outcome

PROMPT = """\
Complete this {language} function.{imports} Answer with the whole function in one code block and \
nothing else.

```{language}
{stub}```
"""
CUT = (
    "the answer begins with the fence and the stub; the function ends at the closing fence, or "
    "before the first line that no longer belongs to it"
)


@dataclass(frozen=True, slots=True)
class Settings:
    """How a sample is drawn, the same for every task."""

    seed: int = 20261124
    temperature: float = 0.3
    top_p: float = 0.95
    max_new_tokens: int = 300


@dataclass(frozen=True, slots=True)
class Task:
    """One function to write. The model sees `stub` and `imports`, never `tests`."""

    name: str
    path: str
    language: str
    stub: str
    tests: str
    imports: str


@dataclass(frozen=True, slots=True)
class Sample:
    """What the model wrote for a task: the raw continuation, the function cut out of it."""

    task: Task
    answer: str
    code: str


def read_tasks(spec: Mapping[str, object]) -> tuple[Task, ...]:
    """The tasks of a parsed tasks.toml, in its order."""
    files = {str(row["path"]): row for row in _tables(spec, "file")}
    tasks = []
    for row in _tables(spec, "task"):
        file = files[str(row["file"])]
        imports = "\n".join(re.findall(r"^import .*$", str(file["text"]), re.MULTILINE))
        tasks.append(
            Task(
                name=str(row["name"]),
                path=str(row["file"]),
                language=str(file["language"]),
                stub=str(row["stub"]),
                tests=str(row["tests"]),
                imports=imports,
            )
        )
    return tuple(tasks)


def question(task: Task) -> str:
    """What the model is asked."""
    imports = f" `{task.imports}` is there already." if task.imports else ""
    return PROMPT.format(language=task.language, imports=imports, stub=task.stub)


def cut(stub: str, answer: str, language: str) -> str:
    """The function that `answer` continues `stub` to, without what follows it.

    >>> cut("def f():\\n", "    return 1\\n\\nprint(f())\\n```\\nDone", "python")
    'def f():\\n    return 1\\n'
    """
    kept: list[str] = []
    for line in re.split(r"^```", answer, maxsplit=1, flags=re.MULTILINE)[0].splitlines():
        outside = bool(line) and not line[0].isspace()
        if outside and language == "python":
            break
        kept.append(line)
        if outside and line.startswith("}"):
            break
    return (stub + "\n".join(kept)).rstrip() + "\n"


def head_files(spec: Mapping[str, object], samples: Sequence[Sample]) -> dict[str, str]:
    """The files of the change after it: the base text, then the functions in order."""
    texts = {}
    for row in _tables(spec, "file"):
        codes = [sample.code for sample in samples if sample.task.path == row["path"]]
        if codes:
            gap = "\n\n" if row["language"] == "python" else "\n"
            texts[str(row["path"])] = gap.join([str(row["text"]), *codes])
    return texts


def patch(base: Mapping[str, str], head: Mapping[str, str]) -> str:
    """The change as a unified diff in git's form."""
    parts = []
    for path, text in head.items():
        parts.append(f"diff --git a/{path} b/{path}\n")
        parts += difflib.unified_diff(
            base[path].splitlines(keepends=True),
            text.splitlines(keepends=True),
            f"a/{path}",
            f"b/{path}",
        )
    return "".join(parts)


def generate(tasks: Sequence[Task], weights: Path, settings: Settings) -> list[Sample]:
    """One sample per task, all drawn as one batch from one seed."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(weights, padding_side="left")
    model = AutoModelForCausalLM.from_pretrained(weights, dtype=torch.bfloat16)
    model.train(False)
    opened = [_opened(task, tokenizer) for task in tasks]
    batch = tokenizer(opened, return_tensors="pt", padding=True, add_special_tokens=False)
    start = batch["input_ids"].shape[1]  # T; the ids are (B, T), padded on the left
    torch.manual_seed(settings.seed)
    with torch.inference_mode():
        drawn = model.generate(
            **batch,
            do_sample=True,
            temperature=settings.temperature,
            top_p=settings.top_p,
            top_k=0,
            max_new_tokens=settings.max_new_tokens,
            stopping_criteria=[_fence_closed(tokenizer, start)],
        )  # (B, T) -> (B, T + new)
    answers = tokenizer.batch_decode(drawn[:, start:], skip_special_tokens=True)
    return [
        Sample(task, answer, cut(task.stub, answer, task.language))
        for task, answer in zip(tasks, answers, strict=True)
    ]


def _opened(task: Task, tokenizer: Tokenizer) -> str:
    """The chat up to where the model goes on: the fence and the stub of its own answer."""
    chat = tokenizer.apply_chat_template(
        [{"role": "user", "content": question(task)}], add_generation_prompt=True, tokenize=False
    )
    return f"{chat}```{task.language}\n{task.stub}"


def _fence_closed(tokenizer: Tokenizer, start: int) -> Callable[..., Tensor]:
    """A stopping rule per row: what follows token `start` holds a line that begins with a fence.

    (transformers' own `stop_strings` compares every token of the vocabulary first: minutes here.)
    """
    import torch

    def is_closed(ids: Tensor, _scores: object, **_: object) -> Tensor:
        texts = tokenizer.batch_decode(ids[:, start:], skip_special_tokens=True)
        return torch.tensor(["\n```" in text for text in texts])  # (B, T) -> (B,)

    return is_closed


def record(
    samples: Sequence[Sample],
    outcomes: Sequence[Outcome],
    *,
    head: Mapping[str, str],
    settings: Settings,
    versions: Mapping[str, str],
) -> dict[str, object]:
    """Everything that generation.json holds."""
    model = lookup(DEFAULT_MODEL)
    rows = [
        {
            "name": sample.task.name,
            "path": sample.task.path,
            "language": sample.task.language,
            "imports": sample.task.imports,
            "answer": sample.answer,
            "code": sample.code,
            "tests_pass": outcome.passed,
            "detail": outcome.detail,
        }
        for sample, outcome in zip(samples, outcomes, strict=True)
    ]
    return {
        "generator": DEFAULT_MODEL,
        "generator_sha256": model.sha256,
        "precision": "bfloat16, dequantised from the file above",
        "settings": asdict(settings),
        "prompt": PROMPT,
        "cut": CUT,
        "versions": dict(versions),
        "head_sha": hashlib.sha1(
            "\0".join(head.values()).encode(), usedforsecurity=False
        ).hexdigest(),
        "files": dict(head),
        "functions": rows,
    }


def main(arguments: Sequence[str]) -> None:
    """Generate, label and write the change."""
    parser = argparse.ArgumentParser(prog="python -m judge.train.demo_change")
    parser.add_argument("--weights", type=Path, required=True, help="bf16 folder of the model")
    parser.add_argument("--out", type=Path, required=True, help="folder that holds tasks.toml")
    options = parser.parse_args(arguments)
    spec = tomllib.loads((options.out / "tasks.toml").read_text(encoding="utf-8"))
    settings = Settings()
    samples, outcomes = [], []
    with Bench() as bench:
        for sample in generate(read_tasks(spec), options.weights, settings):
            outcome = bench.run(sample.task.language, program(sample), sample.task.tests)
            if outcome.passed is None:
                sys.exit(f"{sample.task.name}: its tests could not be run: {outcome.detail}")
            sys.stdout.write(f"{sample.task.name}: {outcome.detail}\n")
            samples.append(sample)
            outcomes.append(outcome)
    head = head_files(spec, samples)
    base = {str(row["path"]): str(row["text"]) for row in _tables(spec, "file")}
    data = record(samples, outcomes, head=head, settings=settings, versions=_versions())
    (options.out / "change.patch").write_text(patch(base, head), encoding="utf-8")
    (options.out / "generation.json").write_text(
        json.dumps(data, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )


def program(sample: Sample) -> str:
    """The function with the imports that it may rely on."""
    return f"{sample.task.imports}\n{sample.code}"


def _versions() -> dict[str, str]:
    from importlib.metadata import version

    return {"python": platform.python_version()} | {
        name: version(name) for name in ("torch", "transformers")
    }


def _tables(spec: Mapping[str, object], name: str) -> list[dict[str, object]]:
    rows = spec[name]
    if not isinstance(rows, list):
        raise TypeError(f"tasks.toml: expected [[{name}]] tables")
    return rows


if __name__ == "__main__":
    main(sys.argv[1:])

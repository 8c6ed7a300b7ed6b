from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from judge.train.forbidden import ForbiddenRow
from judge.train.generate import Recipe, TorchWriter, ask_of, generate_file
from judge.train.tasks import Task, read_candidates

TASK = Task(
    task_id="MBPP/900",
    source="mbxp",
    language="python",
    prompt='def twice(x):\n    """Doubles x.\n    >>> twice(2)\n    4\n    """\n',
    description="Doubles x.",
    entry_point="twice",
    test="def check(candidate):\n    assert candidate(2) == 4\n",
    solution="    return 2 * x\n",
    license="CC-BY-4.0",
)


class Echo:
    """A writer of our own: two that differ in format alone, one cut off, then numbered ones."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, float, int, int]] = []

    def write(
        self, ask: str, opening: str, *, count: int, temperature: float, max_tokens: int, seed: int
    ) -> list[str | None]:
        self.asked.append((opening, temperature, count, seed))
        texts = ["    return x+x\n```\nThat is it.", "    return x + x\n\n```", None]
        return [*texts, *(f"    return {n} * x\n```" for n in range(count))][:count]


def run(folder: Path, writer: Echo, **changed: object) -> tuple[Path, object]:
    tasks = folder / "tasks.jsonl"
    tasks.write_text(json.dumps(asdict(TASK)) + "\n")
    recipe = replace(Recipe("a-model", count=8, temperatures=(0.5, 1.0)), **changed)  # type: ignore[arg-type]
    out = folder / "out.jsonl"
    return out, generate_file(tasks, out, recipe=recipe, writer=writer)


def test_answers_are_shared_by_styles_and_temperatures(tmp_path: Path) -> None:
    writer = Echo()
    run(tmp_path, writer, count=6)
    assert [(t, n) for _, t, n, _ in writer.asked] == [(0.5, 2), (1.0, 2), (0.5, 1), (1.0, 1)]
    assert len({seed for *_, seed in writer.asked}) == 4
    assert [">>>" in opening for opening, *_ in writer.asked] == [True, True, False, False]


def test_candidates_are_kept_once_up_to_format_and_cut_ones_are_left_out(tmp_path: Path) -> None:
    out, found = run(tmp_path, Echo(), count=4, styles=("plain",), temperatures=(0.5,))
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    assert [(row["body"], row["count"]) for row in rows] == [
        ("    return x+x\n", 2),
        ("    return 0 * x\n", 1),
    ]
    assert (found.cut, found.repeated) == (1, 1)  # type: ignore[attr-defined]
    assert read_candidates(out)[0].style == "plain"
    manifest = json.loads((tmp_path / "out.jsonl.manifest.json").read_text())
    assert manifest["recipe"]["generator"] == "a-model"


def test_a_task_that_examines_the_judge_is_refused(tmp_path: Path) -> None:
    tasks = tmp_path / "tasks.jsonl"
    tasks.write_text(json.dumps({**asdict(TASK), "source": "HumanEval"}) + "\n")
    with pytest.raises(ForbiddenRow, match="take it out"):
        generate_file(tasks, tmp_path / "o", recipe=Recipe("m"), writer=Echo())


def test_the_model_goes_on_from_the_signature() -> None:
    ask, opening = ask_of(replace(TASK, language="go"), "examples")
    assert "go function" in ask
    assert opening.startswith("```go\ndef twice")
    assert opening.endswith('"""\n')


class Bytes:
    """A tokenizer of one token per ASCII character, as transformers' are called."""

    eos_token_id = 0

    def apply_chat_template(self, chat: object, **_: object) -> str:
        return "Q"

    def __call__(self, text: str, **_: object) -> dict[str, object]:
        import torch

        ids = torch.tensor([[min(ord(letter), 129) for letter in text]])
        return {"input_ids": ids, "attention_mask": torch.ones_like(ids)}

    def decode(self, ids: list[int], **_: object) -> str:
        return "".join(chr(int(one)) for one in ids)


def test_a_model_writes_a_batch_and_the_same_seed_writes_the_same(tiny) -> None:  # type: ignore[no-untyped-def]
    writer = TorchWriter(tiny.network, Bytes())
    told = {"count": 3, "temperature": 1.0, "max_tokens": 6}
    first = writer.write("ask", "def f():\n", seed=1, **told)  # type: ignore[arg-type]
    assert len(first) == 3
    assert first == writer.write("ask", "def f():\n", seed=1, **told)  # type: ignore[arg-type]

"""Act: let a model write answers to tasks with tests, as candidates to label."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

from judge.train import forbidden
from judge.train.data import Style, prompt_of, unformatted
from judge.train.done import Done
from judge.train.manifest import digests, write_jsonl, write_manifest
from judge.train.tasks import Task, read_tasks, task_files

Progress = Callable[[int, int], None]
STYLES: Mapping[str, Style] = {"examples": Style.EXAMPLES, "plain": Style.DOCSTRING}
_FENCES = {"cpp": "cpp", "csharp": "csharp"}
_ASK = "Complete this {language} function. Answer with the code alone, without examples or tests."


@dataclass(frozen=True, slots=True)
class Recipe:
    """How candidates are written.

    count         candidates per task, shared evenly by styles and temperatures
    max_tokens    an answer that does not end within so many is left out
    """

    generator: str
    count: int = 10
    temperatures: tuple[float, ...] = (0.8,)
    styles: tuple[str, ...] = ("examples", "plain")
    max_tokens: int = 288
    seed: int = 0


class Writer(Protocol):
    """Writes texts that go on after a prompt."""

    def write(
        self, ask: str, opening: str, *, count: int, temperature: float, max_tokens: int, seed: int
    ) -> list[str | None]:
        """`count` continuations of `opening`, the answer's first lines; None where one is cut."""
        ...


@dataclass(slots=True)
class Generated:
    """What a run wrote: tasks, candidates, and answers that were cut off or repeated."""

    tasks: int = 0
    rows: int = 0
    cut: int = 0
    repeated: int = 0


def generate_file(
    tasks: Path,
    out: Path,
    *,
    recipe: Recipe,
    writer: Writer,
    limit: int | None = None,
    progress: Progress = lambda done, total: None,
) -> Generated:
    """Write candidates for `tasks` to `out`, with a manifest; goes on from OUT.partial.

    Raises BadRow, ForbiddenRow, OtherInputs and OSError.
    """
    known = list(read_tasks(tasks).values())[:limit]
    for task in known:
        if why := forbidden.refusal(asdict(task)):
            raise forbidden.ForbiddenRow(f"{task.task_id}: {why}: take it out of {tasks}")
    sources = digests(task_files(tasks)) | {"recipe": str(recipe)}
    done = Done(out.with_name(out.name + ".partial"), sources)
    for count, task in enumerate(known, 1):
        if task.task_id not in done.rows:
            done.add(task.task_id, list(_answers(task, recipe, writer)))
        progress(count, len(known))
    found = Generated(tasks=len(known))
    rows = [row for task in known for row in _candidates(done.rows[task.task_id], found)]
    found.rows = len(rows)
    write_jsonl(out, rows)
    write_manifest(out, sources=sources, told={"recipe": asdict(recipe), **asdict(found)})
    done.path.unlink(missing_ok=True)
    return found


def ask_of(task: Task, style: str) -> tuple[str, str]:
    """What the model is asked, and the answer's first lines, which it goes on from."""
    opening = prompt_of(task, STYLES[style]).rstrip()
    fence = _FENCES.get(task.language, task.language)
    return _ASK.format(language=task.language) + f"\n\n{opening}", f"```{fence}\n{opening}\n"


def _answers(task: Task, recipe: Recipe, writer: Writer) -> Iterator[dict[str, object]]:
    ways = [(style, t) for style in recipe.styles for t in recipe.temperatures]
    for place, (style, temperature) in enumerate(ways):
        share = recipe.count // len(ways) + (place < recipe.count % len(ways))
        if not share:
            continue
        ask, opening = ask_of(task, style)
        identity = f"{recipe.seed}/{task.task_id}/{style}/{temperature}".encode()
        seed = int.from_bytes(hashlib.sha256(identity).digest()[:4], "big")
        bodies = writer.write(
            ask,
            opening,
            count=share,
            temperature=temperature,
            max_tokens=recipe.max_tokens,
            seed=seed,
        )
        for body in bodies:
            yield {
                "task_id": task.task_id,
                "language": task.language,
                "generator": recipe.generator,
                "temperature": temperature,
                "style": style,
                "body": None if body is None else body.partition("```")[0].rstrip() + "\n",
            }


def _candidates(
    answers: Sequence[Mapping[str, object]], found: Generated
) -> list[dict[str, object]]:
    """The answers of one task, each text once up to its format, with how often it came."""
    kept: dict[str, dict[str, object]] = {}
    counts: dict[str, int] = {}
    for answer in answers:
        body = answer["body"]
        if not isinstance(body, str) or not body.strip():
            found.cut += 1
            continue
        key = unformatted(body)
        found.repeated += key in kept
        kept.setdefault(key, dict(answer))
        counts[key] = counts.get(key, 0) + 1
    return [{**row, "count": counts[key]} for key, row in kept.items()]


@dataclass(frozen=True, slots=True)
class TorchWriter:
    """A causal language model of transformers, all candidates of a task as one batch."""

    network: Any  # transformers' PreTrainedModel; its stubs are untyped
    tokenizer: Any

    def write(
        self, ask: str, opening: str, *, count: int, temperature: float, max_tokens: int, seed: int
    ) -> list[str | None]:
        """See Writer."""
        import torch

        torch.manual_seed(seed)
        chat = [{"role": "user", "content": ask}]
        prompt = self.tokenizer.apply_chat_template(
            chat, tokenize=False, add_generation_prompt=True
        )
        ids = self.tokenizer(prompt + opening, return_tensors="pt", add_special_tokens=False)
        length = ids["input_ids"].shape[1]
        with torch.inference_mode():
            written = self.network.generate(
                **ids,
                do_sample=True,
                temperature=temperature,
                top_p=0.95,
                top_k=0,
                num_return_sequences=count,
                max_new_tokens=max_tokens,
                pad_token_id=self.tokenizer.eos_token_id,
            )  # (1, T) -> (count, T + max_tokens)
        texts = [self.tokenizer.decode(one[length:], skip_special_tokens=True) for one in written]
        ends = [bool((one[length:] == self.tokenizer.eos_token_id).any()) for one in written]
        return [
            text if ended or "```" in text else None
            for text, ended in zip(texts, ends, strict=True)
        ]


def open_writer(folder: Path) -> TorchWriter:
    """The writer whose weights lie in `folder`, in half precision as they were stored."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    network: Any = AutoModelForCausalLM.from_pretrained(folder, dtype="auto", local_files_only=True)
    network.eval()
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    return TorchWriter(network, tokenizer)

"""Measure judging: this project, plain transformers, llama.cpp and the limit of the hardware.

    .venv/bin/python bench/inference.py --json build/inference.json --picture build/inference.svg

takes about twelve minutes on two idle cores. --no-growth and --limit N measure less of it.

All ways judge the same rows (bench/inference_rows.jsonl.gz) with the same model, one after the
other in one run, each in a process of its own with its weights loaded before the clock starts:

    gavel        (a) this project's judge
    batches      (b) plain transformers, batches of eight
    one by one   (c) plain transformers, a row at a time
    llama.cpp    (d) through llama-cpp-python on the quantised file, where that is installed
    limit        (e) matrix products of the model's shapes, divided by its operations a token

Acts: starts processes, reads the model from GAVEL_HOME, writes the files that are asked for.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from inference_rows import ROOT, ROWS  # isort: skip - it puts the project on the path
from inference_figures import Measured, Tokens, exponent, rates, times_faster  # isort: skip

import psutil

from judge.registry import DEFAULT_MODEL
from worker.settings import WorkerSettings

SETS = ("tasks", "functions")
WAYS = ("gavel", "batches", "one by one", "llama.cpp")
VERSIONS = ("torch", "transformers", "tokenizers", "numpy", "llama-cpp-python")
CHILD = ROOT / "bench" / "inference_ways.py"


@dataclass(frozen=True, slots=True)
class Limit:
    """What the processor multiplies: tokens a second through all layers, and what the vocabulary
    costs in such tokens."""

    tokens_per_s: float
    vocabulary: float


def main() -> int:
    """Measure, print, write, and return the exit code."""
    parser = argparse.ArgumentParser(description="Measure judging on this machine.")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    parser.add_argument(
        "--picture", type=Path, metavar="FILE", help="draw them there, as SVG or PNG"
    )
    parser.add_argument("--limit", type=int, default=0, help="rows of each set (default: all)")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument(
        "--precision", default="", help="of the limit to compare with (default: the judge's)"
    )
    parser.add_argument("--ways", nargs="*", default=WAYS, choices=WAYS, metavar="WAY")
    parser.add_argument("--no-growth", action="store_true", help="leave the curves out")
    args = parser.parse_args()
    report = measure(args)
    print(text(report))
    if args.json:
        args.json.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    if args.picture:
        from inference_picture import draw

        draw(report, args.picture)
    return 0


def measure(args: argparse.Namespace) -> dict[str, object]:
    """Everything, as it goes into the JSON."""
    began = time.monotonic()
    limits, told = child("limit", args), child("vocabulary", args)
    precision = args.precision or told["precision"]
    limit = Limit(limits[precision], told["share"])
    sets = {name: measure_set(name, args, limit) for name in SETS}
    again = child("limit", args)  # the machine may have been busier at the start than at the end
    report: dict[str, object] = {
        "machine": machine(),
        "commit": commit(),
        "versions": versions(),
        "model": DEFAULT_MODEL,
        "threads": args.threads,
        "rows_sha256": hashlib.sha256(ROWS.read_bytes()).hexdigest(),
        "limit_tokens_per_s": {"before": limits, "after": again},
        "precision_of_limit": precision,
        "vocabulary_share": limit.vocabulary,
        "sets": sets,
    }
    if not args.no_growth:
        points = child("growth", args)
        report["growth"] = {
            name: {"seconds": found, "exponent": exponent(found)} for name, found in points.items()
        }
    report["whole_s"] = round(time.monotonic() - began, 1)
    return report


def measure_set(name: str, args: argparse.Namespace, limit: Limit) -> dict[str, object]:
    """Each way on one set of rows."""
    tokens = Tokens(**child("tokens", args, "--set", name))
    ways = {way: Measured(**child(way, args, "--set", name)) for way in args.ways}
    figures = {
        way: rates(one, tokens, limit_tokens_per_s=limit.tokens_per_s, vocabulary=limit.vocabulary)
        for way, one in ways.items()
    }
    return {
        "candidates": max(one.candidates for one in ways.values()),
        "tokens": {"plain": tokens.plain, "once": tokens.once},
        "ways": {
            way: {"absent": ways[way].absent, **figures[way]} if ways[way].absent else figures[way]
            for way in args.ways
        },
        "times_faster": times_faster(figures),
    }


def child(what: str, args: argparse.Namespace, *more: str) -> dict:  # type: ignore[type-arg]
    """What a process of inference_ways.py measured. Ends the run where it failed."""
    command = [sys.executable, str(CHILD), what, "--model", DEFAULT_MODEL]
    command += ["--home", str(WorkerSettings().home), "--limit", str(args.limit)]
    command += ["--threads", str(args.threads), *more]
    print(f"measuring {what} {' '.join(more)}", file=sys.stderr)
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        sys.exit(f"measuring {what} failed with exit code {done.returncode}")
    found: dict = json.loads(done.stdout.splitlines()[-1])  # type: ignore[type-arg]
    return found


def text(report: Mapping) -> str:  # type: ignore[type-arg]
    """The report for people."""
    limits = report["limit_tokens_per_s"]
    lines = [f"inference · commit {report['commit']} · {report['machine']}"]
    for when, by_precision in limits.items():
        said = ", ".join(f"{name} {rate:,.0f}" for name, rate in by_precision.items())
        lines.append(f"limit {when}, tokens/s: {said}")
    for name, found in report["sets"].items():
        tokens = found["tokens"]
        lines.append(
            f"\n{name}: {found['candidates']} candidates, {tokens['plain']:,} tokens, "
            f"{tokens['once']:,} with each task and code once"
        )
        lines += [row(way, figures) for way, figures in found["ways"].items()]
        for other, factor in found["times_faster"].items():
            lines.append(f"  {factor:.2f} times as many candidates/s as {other}")
    for name, curve in report.get("growth", {}).items():
        points = ", ".join(f"{size}: {seconds:.2f} s" for size, seconds in curve["seconds"])
        k = curve["exponent"]
        lines.append(f"\nby {name}: {points}; exponent {'unknown' if k is None else f'{k:.3f}'}")
    lines.append(f"\nmeasured in {report['whole_s']:.0f} s")
    return "\n".join(lines)


def row(way: str, figures: Mapping[str, float]) -> str:
    """One way, in one line."""
    if figures.get("absent"):
        return f"  {way:<11} not measured: {figures['absent']}"
    columns = (
        f"{figures['candidates_per_s']:>7.2f} candidates/s",
        f"{figures['tokens_per_s']:>7.0f} tokens/s",
        f"{figures['cpu_s_per_1000']:>7.0f} CPU-s per 1000",
        f"{figures['peak_mb']:>6.0f} MB ({figures['own_mb']:.0f} its own)",
        f"{100 * figures['share_of_limit']:>4.0f} % of the limit",
        f" ({100 * figures['share_of_rate']:.0f} % with the vocabulary)",
    )
    return f"  {way:<11}{''.join(columns)}"


def versions() -> dict[str, str]:
    """Of Python and of what does the work."""
    found = {"python": platform.python_version()}
    for name in VERSIONS:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


def machine() -> str:
    """Processor, cores, memory and system, in one line."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    cpu = names[0] if names else platform.processor() or platform.machine()
    memory = psutil.virtual_memory().total / 1e9
    return f"{cpu}, {os.cpu_count()} cores, {memory:.0f} GB, {platform.system()}"


def commit() -> str:
    """The commit that is measured, marked where files differ from it."""
    git: Sequence[str] = ("git", "-C", str(ROOT), "describe", "--always", "--dirty", "--abbrev=12")
    said = subprocess.run(git, capture_output=True, text=True, check=False)
    return said.stdout.strip() or "unknown"


if __name__ == "__main__":
    sys.exit(main())

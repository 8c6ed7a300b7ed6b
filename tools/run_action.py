"""Run the steps of `action.yml` in a clean folder, as a runner of GitHub Actions would.

    python tools/run_action.py --event pull_request --payload event.json --workspace CHECKOUT

Understands what the file uses: `run` steps in bash, expressions that name one value, outputs, and
two actions, for which there are stand-ins: `actions/setup-python` gives this Python, and
`actions/cache` keeps folders below `--cache`. Anything else ends the script with a sentence. The
steps see none of this environment but PATH, HOME and what `--env` names.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
EXPRESSION = re.compile(r"\$\{\{\s*([\w.-]+)\s*\}\}")
KEPT = ("PATH", "HOME", "LANG", "SSL_CERT_FILE")


class NotUnderstood(Exception):
    """The file uses something that this script does not know, or a step failed."""


@dataclass(slots=True)
class Run:
    """One run: what expressions may name, and where everything lies."""

    place: Path
    workspace: Path
    cache: Path | None
    environment: dict[str, str]
    values: dict[str, str]
    failed: int = 0
    log: list[str] = field(default_factory=list)

    @property
    def action(self) -> Path:
        """Where the action's own files are, as a runner fetches them."""
        return self.place / "_actions" / "gavel"

    @property
    def temp(self) -> Path:
        """The runner's folder for this job."""
        return self.place / "_temp"

    def resolve(self, text: object) -> str:
        """`text` with its expressions replaced. Raises NotUnderstood."""
        if not isinstance(text, str):
            return str(text)
        return EXPRESSION.sub(lambda found: self._value(found[1]), text)

    def _value(self, name: str) -> str:
        if name in self.values:
            return self.values[name]
        if name.startswith("steps."):
            return ""  # an output that the step did not set
        raise NotUnderstood(f"unknown expression ${{{{ {name} }}}}")


def export(target: Path) -> None:
    """Copy the project's files, without what git ignores, to `target`."""
    listed = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others"]
    done = subprocess.run([*listed, "--exclude-standard"], check=True, capture_output=True)
    for name in done.stdout.decode().split("\0"):
        if name and (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)


def setup_python(run: Run, step: str, given: Mapping[str, str]) -> None:
    """Give the Python that runs this script."""
    run.values[f"steps.{step}.outputs.python-path"] = sys.executable


def cache(run: Run, step: str, given: Mapping[str, str]) -> None:
    """Bring back what lies below the cache folder at the same place in the runner's one."""
    for line in given["path"].splitlines():
        target = Path(line.strip())
        kept = run.cache / target.relative_to(run.temp) if run.cache else None
        if kept is not None and kept.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.symlink_to(kept.resolve(), target_is_directory=True)
            run.log.append(f"restored {target.relative_to(run.temp)}")


ACTIONS: Mapping[str, Callable[[Run, str, Mapping[str, str]], None]] = {
    "actions/setup-python": setup_python,
    "actions/cache": cache,
}


def execute(run: Run, steps: Sequence[Mapping[str, object]]) -> None:
    """Run the steps in order, up to the first that fails."""
    for number, step in enumerate(steps, start=1):
        name = str(step.get("id", f"step{number}"))
        sys.stdout.write(f"--- {step.get('name') or step.get('uses') or name}\n")
        sys.stdout.flush()
        unknown = set(step) - {"id", "name", "uses", "with", "shell", "env", "run"}
        if unknown:
            raise NotUnderstood(f"step {number} has {', '.join(sorted(unknown))}")
        if "uses" in step:
            use(run, name, step)
        else:
            shell(run, name, step)
        if run.failed:
            return


def use(run: Run, name: str, step: Mapping[str, object]) -> None:
    """Run the stand-in of an action, which must be pinned by a commit."""
    action, _, commit = str(step["uses"]).partition("@")
    if action not in ACTIONS or not re.fullmatch(r"[0-9a-f]{40}", commit):
        raise NotUnderstood(f"no stand-in for {step['uses']}, or it is not pinned by a commit")
    given = step.get("with") or {}
    assert isinstance(given, dict)
    ACTIONS[action](run, name, {key: run.resolve(value) for key, value in given.items()})


def shell(run: Run, name: str, step: Mapping[str, object]) -> None:
    """Run a script as `shell: bash` does, and take its outputs."""
    if step.get("shell") != "bash":
        raise NotUnderstood(f"step {name} is not run by bash")
    outputs = run.temp / f"outputs-{name}"
    outputs.touch()
    script = run.temp / f"{name}.sh"
    script.write_text(run.resolve(step["run"]), encoding="utf-8")
    given = step.get("env") or {}
    assert isinstance(given, dict)
    own = {key: run.resolve(value) for key, value in given.items()}
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)],
        cwd=run.workspace,
        env={**run.environment, "GITHUB_OUTPUT": str(outputs), **own},
        check=False,
    )
    for line in outputs.read_text(encoding="utf-8").splitlines():
        key, _, value = line.partition("=")
        run.values[f"steps.{name}.outputs.{key}"] = value
    run.failed = done.returncode


def prepare(options: argparse.Namespace) -> tuple[Run, Mapping[str, object]]:
    """The run that the options ask for, in a folder of its own, and the action's file."""
    place = options.place.resolve()
    (place / "_temp").mkdir(parents=True)
    export(place / "_actions" / "gavel")
    action = yaml.safe_load((place / "_actions" / "gavel" / "action.yml").read_text("utf-8"))
    given = dict(one.split("=", 1) for one in options.input)
    run = Run(place, options.workspace.resolve(), options.cache, {}, {})
    run.values = {
        "github.action_path": str(run.action),
        "github.api_url": options.api_url,
        "github.token": options.token,
        "runner.temp": str(run.temp),
        "runner.os": platform.system(),
        "runner.arch": platform.machine(),
    }
    for name, told in action["inputs"].items():
        run.values[f"inputs.{name}"] = given.get(name, run.resolve(told["default"]))
    run.environment = {
        **{name: os.environ[name] for name in KEPT if name in os.environ},
        **dict(one.split("=", 1) for one in options.env),
        "GITHUB_ACTIONS": "true",
        "GITHUB_EVENT_NAME": options.event,
        "GITHUB_EVENT_PATH": str(options.payload.resolve()),
        "GITHUB_REPOSITORY": options.repo,
        "GITHUB_STEP_SUMMARY": str(run.temp / "summary.md"),
        "GITHUB_WORKSPACE": str(run.workspace),
        "RUNNER_TEMP": str(run.temp),
    }
    return run, action


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the action and give the code of the step that failed, or 0."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--place", type=Path, required=True, help="a new folder for the runner")
    parser.add_argument("--workspace", type=Path, required=True, help="the checkout")
    parser.add_argument("--event", default="pull_request")
    parser.add_argument("--payload", type=Path, required=True, help="the event as JSON")
    parser.add_argument("--repo", default="octo/hello")
    parser.add_argument("--token", default="")
    parser.add_argument("--api-url", default="https://api.github.com")
    parser.add_argument("--cache", type=Path, help="a folder that stands for the cache")
    parser.add_argument("--input", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--env", action="append", default=[], metavar="NAME=VALUE")
    options = parser.parse_args(arguments)
    try:
        run, action = prepare(options)
        execute(run, action["runs"]["steps"])
    except NotUnderstood as problem:
        sys.stderr.write(f"run_action: {problem}\n")
        return 2
    for name, told in action["outputs"].items():
        sys.stdout.write(f"output {name}={run.resolve(told['value'])}\n")
    return run.failed


if __name__ == "__main__":
    sys.exit(main())

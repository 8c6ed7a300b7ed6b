from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.main import get_command
from typer.testing import CliRunner

from bot.cli import build, explain
from bot.problems import WrongUse

HEAVY = ("torch", "transformers", "sqlalchemy", "celery", "flask", "github", "gitlab")


def leaves(group: object, *path: str) -> Iterator[tuple[tuple[str, ...], object]]:
    """Every command, those of groups included, with the words that call it."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from leaves(command, *path, name)
        else:
            yield (*path, name), command


COMMANDS = [" ".join(path) for path, _ in leaves(get_command(build()))]


def gavel(*arguments: str, home: Path, **more: object) -> subprocess.CompletedProcess[bytes]:
    run = [sys.executable, "-c", "from bot.cli import main; main()", *arguments]
    environment = {**os.environ, "GAVEL_HOME": str(home)}
    return subprocess.run(run, capture_output=True, env=environment, check=False, **more)


def test_the_command_line_has_the_promised_commands() -> None:
    promised = {"review", "score", "rank", "pull", "models", "serve", "worker", "sweep", "replay"}
    assert promised <= set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_with_an_example(command: str) -> None:
    done = CliRunner().invoke(build(), [*command.split(), "--help"])
    assert done.exit_code == 0
    assert "Example" in done.output
    assert f"gavel {command}" in done.output


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys, json, bot.cli\n"
        "try: sys.argv = ['gavel', '--help']; bot.cli.main()\n"
        "except SystemExit: sys.stderr.write(json.dumps(sorted(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    loaded = set(json.loads(done.stderr))
    assert "typer" in loaded
    assert loaded.isdisjoint(HEAVY)


def test_wrong_use_ends_with_2_and_one_sentence(tmp_path: Path) -> None:
    done = gavel("score", str(tmp_path / "none"), "-", home=tmp_path)
    assert done.returncode == 2
    said = done.stderr.decode()
    assert said == f"gavel: cannot read {tmp_path}/none: No such file or directory\n"
    assert done.stdout == b""


@pytest.mark.parametrize(
    "arguments",
    [["nope"], ["score"], ["review", "--threshold", "2"], ["worker", "cpu"], ["serve", "--port=x"]],
)
def test_what_the_command_line_does_not_know_ends_with_2(
    tmp_path: Path, arguments: list[str]
) -> None:
    done = gavel(*arguments, home=tmp_path)
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr


def test_a_line_that_is_not_json_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "in").write_text('{"code": "x"}\nnope\n')
    done = gavel("score", str(tmp_path / "in"), str(tmp_path / "out"), home=tmp_path)
    assert done.returncode == 2
    assert b"in, line 2: not JSON" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


def test_a_wrong_setting_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GAVEL_IO_CHILDREN", "many")
    done = gavel("sweep", home=tmp_path)
    assert done.returncode == 2
    assert done.stderr.decode().startswith("gavel: GAVEL_IO_CHILDREN: input should be a valid int")


def test_a_fault_of_ours_is_one_sentence_and_a_logged_traceback(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "logs" / "gavel.log"
    try:
        raise ZeroDivisionError("secret of the code \ud800")
    except ZeroDivisionError as error:
        assert explain(error, log=log) == 3
    assert capsys.readouterr().err == (
        f"gavel: unexpected ZeroDivisionError, a fault of ours; the traceback is in {log}\n"
    )
    assert "Traceback" in log.read_text()


def test_a_log_that_cannot_be_written_is_said_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "logs").write_text("a file")
    assert explain(ZeroDivisionError(), log=tmp_path / "logs" / "gavel.log") == 3
    assert "could not be written" in capsys.readouterr().err


def test_a_reader_that_goes_away_ends_the_command_quietly(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-c", "from bot.cli import main; main()", "models"],
        stdout=writing,
        stderr=subprocess.PIPE,
        env={**os.environ, "GAVEL_HOME": str(tmp_path)},
        check=False,
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")


def test_a_terminal_that_lacks_letters_gets_their_escapes(tmp_path: Path) -> None:
    diff = "--- /dev/null\n+++ b/é.txt\n@@ -0,0 +1 @@\n+x\n".encode()
    run = [sys.executable, "-c", "from bot.cli import main; main()", "review", "--diff", "-"]
    done = subprocess.run(
        run,
        input=diff,
        capture_output=True,
        cwd=tmp_path,
        env={**os.environ, "GAVEL_HOME": str(tmp_path), "PYTHONIOENCODING": "ascii"},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert b"\\xe9.txt" in done.stdout


def test_ctrl_c_ends_with_130_and_no_traceback(tmp_path: Path) -> None:
    delivery = tmp_path / "delivery.json"
    os.mkfifo(delivery)
    program = "from bot.cli import main; main()"
    process = subprocess.Popen(
        [sys.executable, "-c", program, "replay", str(delivery), "--dry-run"],
        stderr=subprocess.PIPE,
        env={**os.environ, "GAVEL_HOME": str(tmp_path)},
    )
    with delivery.open("wb"):  # opens when the command has opened the other end
        said = b""
        for _ in range(6):  # Python drops a signal that comes while it frees something
            process.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                _, said = process.communicate(timeout=10)
                break
    process.kill()
    assert process.wait() == 130
    assert b"Traceback" not in said


def test_a_known_error_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert explain(WrongUse("say this"), log=Path("/dev/null/x")) == 2
    assert capsys.readouterr().err == "gavel: say this\n"


def test_the_epilogue_tells_the_exit_codes() -> None:
    done = CliRunner().invoke(build(), ["--help"])
    assert "1 the gate blocks" in done.output
    assert isinstance(build(), typer.Typer)

"""A box and its programs: limits, the stage, a new start."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from judge.train.sandbox import Box, Ended, Program, SandboxBroken, python_paths
from tests.judge.train.asking import RIGHT, outcome, request, seen

pytestmark = pytest.mark.sandbox


@pytest.fixture(scope="module")
def programs() -> Iterator[Box]:
    shown = [str(Path(sys.executable).resolve()), *python_paths()]
    limits = {"CPU": 5, "AS": 1 << 30, "NPROC": 16, "FSIZE": 1 << 24}
    with Box("programs", shown=shown, limits=limits, stage_mb=8) as opened:
        yield opened


def run(box: Box, code: str, **options: object) -> Ended:
    python = str(Path(sys.executable).resolve())
    program = Program([python, "-I", "-S", "-c", code], **options)  # type: ignore[arg-type]
    return box.run(program)


def test_a_program_gets_its_input_and_its_files_and_gives_its_output(programs: Box) -> None:
    code = "import sys; print(sys.stdin.read() + open('a/b.txt').read()); sys.exit(7)"
    ended = run(programs, code, stdin="one ", files={"a/b.txt": "two"})
    assert (ended.status, ended.stdout, ended.ended_by) == (7, "one two\n", "")


def test_a_program_that_runs_too_long_is_ended(programs: Box) -> None:
    assert run(programs, "import time; time.sleep(99)", wall_s=1.0).ended_by == "time"


def test_a_program_that_prints_too_much_is_ended_and_its_output_kept_short(programs: Box) -> None:
    ended = run(programs, "while True: print('x' * 65536)", output_bytes=1 << 22, kept_bytes=1000)
    assert ended.ended_by == "output"
    assert len(ended.stdout) <= 2000 + 65536


def test_only_what_builds_may_write_to_the_stage(programs: Box) -> None:
    run(programs, "open('built', 'w').write('x')", stage_is_writable=True)
    ended = run(programs, "print(open('/stage/built').read()); open('/stage/built', 'w')")
    assert ended.stdout == "x\n"
    assert "Read-only file system" in ended.stderr


def test_a_folder_below_tmp_is_shown_and_what_is_beside_it_is_not(tmp_path: Path) -> None:
    shown = tmp_path / "shown"
    shown.mkdir()
    (shown / "told.txt").write_text("told")
    (tmp_path / "secret.txt").write_text("secret")
    with tempfile.TemporaryDirectory(dir="/tmp") as below:
        (Path(below) / "told.txt").write_text("below")
        for folder in (shown, Path(below)):
            folder.chmod(0o755)  # as folders of libraries are
        python = [str(Path(sys.executable).resolve()), *python_paths()]
        with Box("programs", shown=[*python, str(shown), below]) as box:
            read = f"print(open({below!r} + '/told.txt').read(), open({str(shown)!r} + '/told.txt')"
            assert run(box, read + ".read())").stdout == "below told\n"
            assert "No such file" in run(box, f"open({str(tmp_path)!r} + '/secret.txt')").stderr
            for place in (below, "/tmp"):
                assert "Error" in run(box, f"open({place!r} + '/written', 'w')").stderr
            kept = "import tempfile as t; f = t.TemporaryFile(); print(f.write(b'kept'))"
            assert run(box, kept).stdout == "4\n"


def test_a_box_that_gives_no_answer_in_time_is_said_to_be_broken_and_starts_again(box: Box) -> None:
    slow = "import time\ndef f(x):\n    time.sleep(30)\n"
    with pytest.raises(SandboxBroken):
        box.test(request(slow, call_s=30.0, wall_s=30.0), within_s=1.0)
    assert outcome(box, RIGHT) == "passed"


def test_a_request_that_lacks_something_is_refused_at_once_and_named(box: Box) -> None:
    bare = request(RIGHT)
    del bare["seed"], bare["probes"]
    with pytest.raises(ValueError, match="lacks seed, probes"):
        box.test(bare, within_s=60)
    assert outcome(box, RIGHT) == "passed"


def test_the_hash_seed_is_the_boxs_own() -> None:
    hashing = "def f(x):\n    return hash('a string')\n"
    with (
        Box("python", seed=0) as one,
        Box("python", seed=0) as same,
        Box("python", seed=1) as other,
    ):
        assert seen(one, hashing) == seen(same, hashing) != seen(other, hashing)

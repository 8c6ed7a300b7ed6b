"""Acts: a Docker engine that takes what its client sends, builds nothing and runs nothing."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.serving import served

STREAM = "application/vnd.docker.raw-stream"


@dataclass(slots=True)
class Engine:
    """What it was asked: the names in each context, tags of builds, containers as they came."""

    address: str = ""
    contexts: list[set[str]] = field(default_factory=list)
    builds: list[str] = field(default_factory=list)
    containers: list[dict[str, Any]] = field(default_factory=list)


@contextmanager
def engine() -> Iterator[Engine]:
    """Serve on the loopback until the block ends."""
    told = Engine()
    handler = type("Asked", (_Handler,), {"engine": told})
    with served(ThreadingHTTPServer(("127.0.0.1", 0), handler)) as server:
        told.address = f"tcp://127.0.0.1:{server.server_address[1]}"
        yield told


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    engine: Engine

    def do_HEAD(self) -> None:
        self._answer(200, b"")

    def do_GET(self) -> None:
        self._answer(200, b"OK")

    def do_POST(self) -> None:
        body = self._body()
        path, _, query = self.path.partition("?")
        if path.endswith("/build"):
            with tarfile.open(fileobj=io.BytesIO(body)) as context:
                self.engine.contexts.append(set(context.getnames()))
            self.engine.builds.append(query)
            self._answer(200, b'{"stream": "Successfully built 1"}\n')
        elif path.endswith("/containers/create"):
            self.engine.containers.append(json.loads(body))
            self._answer(201, b'{"Id": "c1", "Warnings": []}')
        elif path.endswith("/attach"):
            self.send_response(101)
            self.send_header("Content-Type", STREAM)
            self.send_header("Connection", "Upgrade")
            self.send_header("Upgrade", "tcp")
            self.end_headers()
            self.close_connection = True  # its output is over at once
        else:
            is_wait = path.endswith("/wait")
            self._answer(200 if is_wait else 204, b'{"StatusCode": 0}' if is_wait else b"")

    def _body(self) -> bytes:
        if "chunked" not in self.headers.get("Transfer-Encoding", ""):
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        pieces = []
        while size := int(self.rfile.readline(), 16):
            pieces.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(pieces)

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Api-Version", "1.43")
        self.send_header("Ostype", "linux")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Keep standard error clean."""

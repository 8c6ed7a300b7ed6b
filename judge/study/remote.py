"""Ask a chat endpoint, once for each question, within a limit of cost. Acts: network and disk."""

from __future__ import annotations

import hashlib
import http.client
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from judge.study.chat import BadReply, Reply, cost, read_reply, worst_tokens
from judge.study.config import ChatEntry

ATTEMPTS = 5
FIRST_WAIT_S = 1.0
LONGEST_WAIT_S = 60.0
MAX_REPLY_BYTES = 4 << 20
AGAIN = frozenset({408, 409, 425, 429, 500, 502, 503, 504})


class EndpointFailed(Exception):
    """The endpoint refused or failed for good: one clause that says how."""


class Refused(EndpointFailed):
    """It found the request wrong (HTTP 400 or 422), as where it has no log-probabilities."""


class CostLimit(EndpointFailed):
    """The next question could pass the limit of cost, so it was not asked."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A reply with what it took, now or when it was first asked."""

    reply: Reply
    seconds: float


@dataclass
class Endpoint:
    """A chat endpoint with its cache, which also knows what was spent.

    cache  folder of this endpoint's answers
    key    for its Authorization header, or ""; it is never written anywhere
    """

    entry: ChatEntry
    cache: Path
    key: str = ""
    pause: Callable[[float], None] = time.sleep
    spent: float = field(init=False, default=0.0)

    def __post_init__(self) -> None:
        self.spent = sum(self._price(_load(path)) for path in sorted(self.cache.glob("*/*.json")))

    def ask(self, body: Mapping[str, object]) -> Asked:
        """The answer to `body`, from the cache where it was asked before. Raises EndpointFailed."""
        path = self._path(body)
        if path.is_file():
            kept = _load(path)
            return Asked(read_reply(kept["response"]), float(str(kept["seconds"])))
        worst = cost(self.entry, *worst_tokens(self.entry, body))
        began = time.perf_counter()
        response = self._answered(body, worst)
        kept = {"response": response, "seconds": time.perf_counter() - began, "worst": worst}
        self.spent += self._price(kept)
        try:
            reply = read_reply(response)
        except BadReply as error:
            raise EndpointFailed(f"{self.entry.url}: {error}") from None
        _save(path, kept)
        return Asked(reply, float(str(kept["seconds"])))

    def _answered(self, body: Mapping[str, object], worst: float) -> object:
        wait, said = FIRST_WAIT_S, ""
        for attempt in range(ATTEMPTS):
            self._afford(worst)
            try:
                return self._send(body)
            except urllib.error.HTTPError as error:
                with error:
                    said, after = f"HTTP {error.code}", error.headers.get("Retry-After", "")
                if error.code in (400, 422):
                    raise Refused(f"{self.entry.url} answered {said}") from None
                if error.code not in AGAIN:
                    raise EndpointFailed(f"{self.entry.url} answered {said}") from None
            except (OSError, http.client.HTTPException, ValueError) as error:
                said, after = f"{type(error).__name__}", ""
                self.spent += worst  # it may have been answered, and be on the bill
            if attempt < ATTEMPTS - 1:
                asked = float(after) if after.isdigit() else wait
                self.pause(min(LONGEST_WAIT_S, max(wait, asked)))
                wait *= 2
        raise EndpointFailed(f"{self.entry.url} failed {ATTEMPTS} times, the last with {said}")

    def _afford(self, worst: float) -> None:
        limit = self.entry.cost_limit
        if limit is not None and self.spent + worst > limit:
            raise CostLimit(
                f"the limit of {limit:g} {self.entry.currency} could be passed by the next "
                f"question, after {self.spent:.4f} at most were spent"
            )

    def _send(self, body: Mapping[str, object]) -> object:
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self.key:
            headers["Authorization"] = f"Bearer {self.key}"
        request = urllib.request.Request(  # noqa: S310 - the configuration allows http and https
            f"{self.entry.url}/chat/completions", json.dumps(body).encode(), headers, method="POST"
        )
        opener = urllib.request.build_opener(_NoRedirect)
        with opener.open(request, timeout=self.entry.timeout_s) as response:
            told: object = json.loads(response.read(MAX_REPLY_BYTES))
            return told

    def _path(self, body: Mapping[str, object]) -> Path:
        asked = json.dumps([self.entry.url, body], sort_keys=True)
        name = hashlib.sha256(asked.encode()).hexdigest()
        return self.cache / name[:2] / f"{name}.json"

    def _price(self, kept: Mapping[str, object]) -> float:
        """What an answer cost, or its upper bound where the endpoint did not count."""
        try:
            reply = read_reply(kept["response"])
        except BadReply:
            return float(str(kept["worst"]))
        if reply.tokens_in is None or reply.tokens_out is None:
            return float(str(kept["worst"]))
        return cost(self.entry, reply.tokens_in, reply.tokens_out)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect is an answer, not a place to send code and key to."""

    def redirect_request(self, *_: object) -> None:
        """Follow nothing."""


def _load(path: Path) -> dict[str, object]:
    try:
        kept = json.loads(path.read_bytes())
    except ValueError:
        kept = None
    if not isinstance(kept, dict) or not {"response", "seconds", "worst"} <= set(kept):
        raise EndpointFailed(f"{path} is no kept answer: delete it")
    return kept


def _save(path: Path, kept: Mapping[str, object]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".part")
    partial.write_text(json.dumps(kept), encoding="utf-8")
    partial.replace(path)

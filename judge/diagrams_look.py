"""Act: have a model that sees describe the pictures of a description, where one is set.

Only files below a folder that the caller names are read; an address is never fetched. The model is
asked through OpenAI's chat protocol. What it answers is text for the prompt, and nothing else.
"""

from __future__ import annotations

import base64
import json
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from judge.diagrams import MOST_PICTURES

MAX_BYTES = 5 << 20  # of a picture
MAX_CHARS = 2_000  # of what the model says of one
MAX_REPLY_BYTES = 1 << 20
KINDS = {
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
}
QUESTION = (
    "The picture belongs to the description of a programming task. Say in plain sentences what it "
    "specifies: states, steps, rules, values and their relations. Describe only what is there."
)


@dataclass(frozen=True, slots=True)
class Sight:
    """A model that sees, behind an OpenAI-compatible endpoint.

    url  address of the API, such as http://localhost:8080/v1
    key  for its Authorization header, or ""; never shown
    """

    url: str
    model: str
    key: str = ""
    timeout_s: float = 120.0


@dataclass(frozen=True, slots=True)
class Looked:
    """What was seen: a text for the prompt, and how many pictures nobody looked at."""

    text: str
    unseen: int


def look(pictures: Sequence[str], *, below: Path, sight: Sight | None) -> Looked:
    """What the pictures show, as text. Without `sight`, none is looked at.

    A picture that lies elsewhere, is too large, or that the model fails on counts as unseen.
    """
    said: list[str] = []
    for name in pictures[:MOST_PICTURES]:
        file = _file(name, below)
        told = _described(file, sight) if sight is not None and file is not None else ""
        if told:
            said.append(f"Picture {Path(name).name}: {told}")
    return Looked("\n".join(said), len(pictures) - len(said))


def _file(name: str, below: Path) -> Path | None:
    """The file that `name` means below a folder, where there is one of a known kind."""
    if "://" in name or Path(name).suffix.lower() not in KINDS:
        return None
    root = below.resolve()
    file = (root / name.lstrip("/")).resolve()
    if not file.is_relative_to(root) or not file.is_file() or file.stat().st_size > MAX_BYTES:
        return None
    return file


def _described(file: Path, sight: Sight) -> str:
    """What the model says of `file`, or "" where it fails."""
    data = base64.b64encode(file.read_bytes()).decode("ascii")
    picture = {"url": f"data:{KINDS[file.suffix.lower()]};base64,{data}"}
    content = [{"type": "text", "text": QUESTION}, {"type": "image_url", "image_url": picture}]
    body = {
        "model": sight.model,
        "temperature": 0,
        "max_tokens": 512,
        "messages": [{"role": "user", "content": content}],
    }
    request = urllib.request.Request(  # noqa: S310 - the address is the user's own setting
        f"{sight.url.rstrip('/')}/chat/completions",
        data=json.dumps(body).encode(),
        headers={
            "Content-Type": "application/json",
            **({"Authorization": f"Bearer {sight.key}"} if sight.key else {}),
        },
    )
    try:
        with urllib.request.urlopen(request, timeout=sight.timeout_s) as reply:  # noqa: S310
            told = json.loads(reply.read(MAX_REPLY_BYTES))
        text = told["choices"][0]["message"]["content"]
    except (OSError, urllib.error.URLError, ValueError, KeyError, IndexError, TypeError):
        return ""
    return " ".join(str(text).split())[:MAX_CHARS]

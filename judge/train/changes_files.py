"""Act: mine several repositories into a folder, one file each, and join them by split."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from judge.train.changes_match import surface_aucs
from judge.train.changes_mine import Mined, Refused, mine
from judge.train.history_git import GitHistory, HistoryError
from judge.train.manifest import digest, write_json, write_jsonl
from judge.train.tasks import read_rows

_SALT = "gavel-repositories-1"
TRAIN_PERCENT = 80
MINER = 3  # goes up when the same history would give other rows


@dataclass(slots=True)
class Joined:
    """What a folder of mined repositories holds: rows by split, kind and label.

    baselines  split and kind -> AUC of what looks at no meaning
    """

    repositories: dict[str, list[str]] = field(default_factory=dict)
    rows: Counter[str] = field(default_factory=Counter)
    baselines: dict[str, dict[str, float | None]] = field(default_factory=dict)


def names_of(repositories: Sequence[Path]) -> list[str]:
    """What each of `repositories` is called in a folder of mined ones.

    Raises HistoryError where two have the same name: one would take the other's place.
    """
    names: list[str] = []
    for path in repositories:
        with GitHistory(path) as git:
            git.head()
            names.append(git.name())
        if names.count(names[-1]) > 1:
            raise HistoryError(f"two repositories are called {names[-1]}: mine {path} with --name")
    return names


def mine_into(
    repository: Path,
    folder: Path,
    *,
    name: str = "",
    limit_s: float = 600.0,
    mine_one: Callable[..., Mined] = mine,
) -> Mapping[str, object]:
    """Mine one repository into `folder`, unless it is there already; its manifest entry.

    Raises Refused, HistoryError, OSError.
    """
    with GitHistory(repository) as git:
        head, name = git.head(), name or git.name()
    out = folder / "repositories" / f"{name.replace('/', '+')}.jsonl.gz"
    manifest = out.with_name(out.name + ".manifest.json")
    told = _told(manifest)
    is_same = [told.get(key) for key in ("head", "miner", "is_whole")] == [head, MINER, True]
    if is_same and out.exists():
        return told
    out.parent.mkdir(parents=True, exist_ok=True)
    mined = mine_one(repository, name=name, limit_s=limit_s)
    write_jsonl(out, mined.rows)
    entry = _entry(mined, out)
    write_json(manifest, entry)
    return entry


def _told(manifest: Path) -> dict[str, object]:
    """What a manifest says; nothing where there is none, or a kill cut it short."""
    try:
        told = json.loads(manifest.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}


def join(folder: Path) -> Joined:
    """Write FOLDER/train.jsonl.gz and validation.jsonl.gz from its repositories, and a manifest.

    All rows of a repository are in the same file. The same function with the same label is kept
    once, and one that is right in one place and wrong in another not at all; nor is what stood
    beside it. A repository whose manifest a kill cut short is left out, as if it were not mined.
    """
    entries = [
        told
        for path in sorted((folder / "repositories").glob("*.manifest.json"))
        if "repository" in (told := _told(path))
    ]
    joined = Joined()
    files: dict[str, str] = {}
    for split in ("train", "validation"):
        names = [str(e["repository"]) for e in entries if split_of(str(e["repository"])) == split]
        joined.repositories[split] = names
        rows = list(_once(_rows(folder, names)))
        joined.rows.update(f"{split} {row['kind']} {row['label']}" for row in rows)
        for kind in ("introduced", "fix"):
            of_kind = [row for row in rows if row["kind"] == kind]
            joined.baselines[f"{split} {kind}"] = surface_aucs(of_kind)
        out = folder / f"{split}.jsonl.gz"
        write_jsonl(out, rows)
        files[out.name] = digest(out)
    whole = {
        "files": files,
        "rows": dict(sorted(joined.rows.items())),
        "auc": joined.baselines,
        "splits": joined.repositories,
        "repositories": entries,
    }
    write_json(folder / "manifest.json", whole)
    return joined


def split_of(repository: str) -> str:
    """The split of a repository: about four in five train."""
    digest_ = hashlib.sha256(f"{_SALT}/{repository.lower()}".encode()).digest()
    percent = int.from_bytes(digest_[:8], "big") % 100
    return "train" if percent < TRAIN_PERCENT else "validation"


def _rows(folder: Path, names: Sequence[str]) -> Iterable[Mapping[str, object]]:
    for name in names:
        yield from read_rows(folder / "repositories" / f"{name.replace('/', '+')}.jsonl.gz")


def _once(rows: Iterable[Mapping[str, object]]) -> list[Mapping[str, object]]:
    kept: dict[tuple[str, str], list[Mapping[str, object]]] = {}
    for row in rows:
        squeezed = "".join(str(row["code"]).split()) + str(row["diff"])
        kept.setdefault((str(row["kind"]), squeezed), []).append(row)
    sure = [same[0] for same in kept.values() if len({row["label"] for row in same}) == 1]
    partners = Counter(str(row["pair"]) for row in sure if "pair" in row)
    return [row for row in sure if "pair" not in row or partners[str(row["pair"])] == 2]


def _entry(mined: Mined, out: Path) -> dict[str, object]:
    rows = Counter(f"{row['kind']} {row['label']}" for row in mined.rows)
    languages = Counter(str(row["language"]) for row in mined.rows)
    return {
        "repository": mined.origin.repository,
        "head": mined.head,
        "license": mined.origin.license,
        "commits": mined.commits,
        "fixes": mined.fixes,
        "is_whole": mined.is_whole,
        "rows": dict(sorted(rows.items())),
        "languages": dict(languages.most_common()),
        "left_out": dict(mined.left_out),
        "sha256": digest(out),
        "miner": MINER,
    }


__all__ = ["HistoryError", "Joined", "Refused", "join", "mine_into", "names_of", "split_of"]

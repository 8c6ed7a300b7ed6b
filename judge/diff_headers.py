"""Decide what the lines before a file's first hunk say: names, modes, kind. No I/O.

The format is git's (git-scm.com/docs/diff-format, "generating patch text with -p"). The names in a
`diff --git` line are ambiguous where they hold spaces, so they are taken from the clearest line
that has them: `rename to`, then the two equal halves of the header, then `---` and `+++`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

DEV_NULL = "/dev/null"
SYMLINK_MODE = "120000"
SUBMODULE_MODE = "160000"
# Not git's: an adapter writes it, with a number of added lines, where a forge shows no hunks.
WITHHELD = "lines withheld "

# What git writes before a name: a/ and b/, the mnemonic prefixes, 1/ and 2/ of --no-index.
_PREFIXES = {"ab", "ba", "iw", "wi", "ci", "ic", "cw", "wc", "ow", "wo", "12", "21"}
_MERGE = re.compile(r"diff --(?:cc|combined) (.+)")
_GIT = re.compile(r"diff --git (.+)")
_BINARY = re.compile(r"Binary files (.+) and (.+) differ")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_ESCAPE = re.compile(rb"\\([0-7]{3}|.)", re.DOTALL)
_ESCAPED = {
    b"a": b"\a",
    b"b": b"\b",
    b"f": b"\f",
    b"n": b"\n",
    b"r": b"\r",
    b"t": b"\t",
    b"v": b"\v",
}
_FIELDS = (
    "rename from ",
    "rename to ",
    "copy from ",
    "copy to ",
    "new file mode ",
    "deleted file mode ",
    "old mode ",
    "new mode ",
    "mode ",
    "index ",
    "similarity index ",
    "dissimilarity index ",
    "Binary files ",
    "GIT binary patch",
    WITHHELD,
    "--- ",
    "+++ ",
)


@dataclass(frozen=True, slots=True)
class Header:
    """What is known of a file before its hunks are read.

    path      new name, or the old one where the file is deleted
    old_path  old name, or "" where the file is new
    mode      git's mode on the new side, such as "100755", or "" where it is not told
    has_hunks git prints `+++` only where hunks follow
    withheld  added lines of which the forge shows nothing
    """

    path: str
    old_path: str
    mode: str = ""
    is_binary: bool = False
    is_new: bool = False
    is_deleted: bool = False
    is_copy: bool = False
    is_merge: bool = False
    has_hunks: bool = False
    withheld: int = 0


def is_header(line: str) -> bool:
    """Whether `line` opens a file's part in git's output."""
    return line.startswith(("diff --git ", "diff --cc ", "diff --combined "))


def read(lines: Iterable[str]) -> Header:
    """The header that `lines` spell, the `diff` line first. Raises ValueError without names."""
    first, *rest = (line.rstrip("\r") for line in lines)
    fields = _fields(rest)
    old, new = _names(first, fields)
    is_new = "new file mode " in fields or old == DEV_NULL
    is_deleted = "deleted file mode " in fields or new == DEV_NULL
    return Header(
        path=old if new == DEV_NULL else new,
        old_path="" if is_new else old,
        mode=_mode(fields),
        is_binary="Binary files " in fields or "GIT binary patch" in fields,
        is_new=is_new,
        is_deleted=is_deleted,
        is_copy="copy to " in fields,
        has_hunks="+++ " in fields,
        is_merge=_MERGE.match(first) is not None,
        withheld=int(fields[WITHHELD]) if fields.get(WITHHELD, "").isdecimal() else 0,
    )


def plain_names(old: str, new: str) -> tuple[str, str]:
    """Old and new name from what follows `---` and `+++`, without quotes, times and prefixes."""
    return _without_prefixes(unquote(_before_tab(old)), unquote(_before_tab(new)))


def unquote(name: str) -> str:
    """`name` as git means it: C escapes and octal bytes inside double quotes are undone."""
    if not _QUOTED.fullmatch(name):
        return name
    raw = name[1:-1].encode("utf-8", "surrogatepass")
    return _ESCAPE.sub(_escaped, raw).decode("utf-8", "replace")


def _escaped(match: re.Match[bytes]) -> bytes:
    code = match.group(1)
    if len(code) == 3:
        return bytes([int(code, 8) & 0xFF])
    return _ESCAPED.get(code, code)


def _fields(lines: Iterable[str]) -> dict[str, str]:
    """Each known line by its opening words, up to the first line that is none of a header."""
    found: dict[str, str] = {}
    for line in lines:
        key = next((field for field in _FIELDS if line.startswith(field)), None)
        if key is None:
            break
        found.setdefault(key, line.removeprefix(key))
        if key == "GIT binary patch":
            break
    return found


def _mode(fields: dict[str, str]) -> str:
    """The mode on the new side; `index 1a2b..3c4d 100644` tells one that did not change."""
    for key in ("new file mode ", "new mode "):
        if key in fields:
            return fields[key].strip()
    merged = fields.get("mode ", "").rpartition("..")[2]
    if merged:
        return merged.strip()
    return fields.get("index ", "").partition(" ")[2].strip()


def _names(first: str, fields: dict[str, str]) -> tuple[str, str]:
    merge = _MERGE.match(first)
    if merge:
        name = unquote(merge.group(1))
        return name, name
    for kind in ("rename", "copy"):
        if f"{kind} from " in fields and f"{kind} to " in fields:
            return unquote(fields[f"{kind} from "]), unquote(fields[f"{kind} to "])
    git = _GIT.match(first)
    halves = _halves(git.group(1)) if git else None
    if halves and _without_prefixes(*halves)[0] == _without_prefixes(*halves)[1]:
        return _without_prefixes(*halves)
    if "--- " in fields and "+++ " in fields:
        return plain_names(fields["--- "], fields["+++ "])
    binary = _BINARY.match("Binary files " + fields.get("Binary files ", ""))
    if binary:
        return plain_names(*binary.groups())
    if halves:
        return _without_prefixes(*halves)
    raise ValueError(f"cannot tell the file names in {first[:200]!r}")


def _halves(names: str) -> tuple[str, str] | None:
    """The two names of a `diff --git` line, unquoted, or None where they cannot be told apart.

    Bare names may hold spaces, so two of them are split only in the very middle, which is right
    whenever they are equal, or at a single space.
    """
    quoted = _QUOTED.match(names)
    if quoted:
        rest = names[quoted.end() + 1 :]
        return (unquote(quoted.group()), unquote(rest)) if rest else None
    if names.endswith('"') and ' "' in names:
        left, _, right = names.partition(' "')
        return left, unquote('"' + right)
    middle = len(names) // 2
    left, right = names[:middle], names[middle + 1 :]
    if names[middle : middle + 1] == " " and len(left) == len(right):
        same = _without_prefixes(left, right)
        if same[0] == same[1]:
            return left, right
    if names.count(" ") == 1:
        left, _, right = names.partition(" ")
        return left, right
    return None


def _without_prefixes(old: str, new: str) -> tuple[str, str]:
    """Both names without `a/` and `b/`, which are taken off only where both have theirs."""
    if old == new:
        return old, new
    pair = (old if old != DEV_NULL else "", new if new != DEV_NULL else "")
    heads = [name[:1] for name in pair if name]
    if not heads or any(name and name[1:2] != "/" for name in pair):
        return old, new
    known = "".join(heads) in _PREFIXES if len(heads) == 2 else heads[0] in "abciow12"
    if not known:
        return old, new
    return old if old == DEV_NULL else old[2:], new if new == DEV_NULL else new[2:]


def _before_tab(name: str) -> str:
    """`name` without the time, or the bare tab, that follows it."""
    return name.rstrip("\r").partition("\t")[0]

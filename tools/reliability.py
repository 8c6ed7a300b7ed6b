"""Write the `reliability.json` of an adapter from rows that its judge scored. Acts.

    gavel score rows/validation.jsonl.gz scored.jsonl.gz
    python tools/reliability.py scored.jsonl.gz "validation rows" > ADAPTER/reliability.json

Rows need `label`, `p_correct` and `model`, and must be none that the judge was trained on.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence

from bot import rows
from judge.reliability import Reliability, as_text, binned


class NotOneJudge(ValueError):
    """The rows were scored by no trained judge, or by several."""


def reliability(scored: Iterable[rows.Row], words: str) -> Reliability:
    """What the rows show; those that the judge abstained from are left out. Raises NotOneJudge.

    words  what the rows are, for the picture's title
    """
    kept = [row for row in scored if row.get("label") in (0, 1) and not row.get("abstained")]
    versions = {str(row.get("model", "")).partition("@")[2] for row in kept}
    if len(versions) != 1 or not all(versions):
        raise NotOneJudge(f"expected rows of one trained judge, found {sorted(versions)}")
    p = [float(str(row["p_correct"])) for row in kept]
    labels = [int(str(row["label"])) for row in kept]
    return Reliability(versions.pop(), words, binned(p, labels))


def main(arguments: Sequence[str]) -> int:
    """Print the text of a `reliability.json`."""
    if len(arguments) != 2:
        sys.stderr.write("expected: reliability.py SCORED WORDS\n")
        return 2
    try:
        sys.stdout.write(as_text(reliability(rows.read(arguments[0]), arguments[1])))
    except NotOneJudge as problem:
        sys.stderr.write(f"reliability: {problem}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

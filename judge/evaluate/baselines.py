"""Decide what needs no judge to be said of code: the baselines. No I/O.

What a baseline has to learn, it learns from the evaluated rows themselves, from other tasks than
the one that it speaks of (cross-fitting). That helps the baseline, and never the judge.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from judge.evaluate.folds import folds
from judge.evaluate.sample import F64, I64, Told

FOLDS = 5
MAX_CHARACTERS = 20_000  # of one row's code that the n-grams look at
FEATURES = 50_000
NAMES: Mapping[str, str] = {
    "majority": "the commoner class, of everything",
    "length": "fewer characters of code are likelier right",
    "added_lines": "fewer added lines are likelier right",
    "ngrams": "character n-grams of the code, 1 to 4, TF-IDF and logistic regression",
}


class NoBaseline(Exception):
    """The baseline cannot be had for these rows; the message is one clause that says why."""


@dataclass(frozen=True, slots=True)
class Texts:
    """What the baselines look at, of N rows.

    code    (N,) the code
    diffs   (N,) its unified diff, or ""
    labels  (N,) 1 for correct, 0 for wrong
    tasks   (N,) what rows share that must not be in different folds
    """

    code: Sequence[str]
    diffs: Sequence[str]
    labels: I64
    tasks: Sequence[str]


def baseline(name: str, texts: Texts) -> Told:
    """What the baseline `name` of NAMES says. Raises NoBaseline."""
    return BASELINES[name](texts)


def calibrated(score: F64, texts: Texts) -> Told:
    """Rows ordered by `score` (N,), with the probabilities of a cross-fitted logistic curve.

    Raises NoBaseline where there are too few tasks or a class is missing.
    """
    return Told.of_scores(
        _cross_fitted(texts, lambda train, test: _curve(score, train, test)), score
    )


def _curve(score: F64, train: I64, test: I64) -> tuple[F64, F64]:
    center, spread = score[train].mean(), score[train].std() or 1.0
    return (score[train, None] - center) / spread, (score[test, None] - center) / spread


def _majority(texts: Texts) -> Told:
    rate = np.full(len(texts.labels), texts.labels.mean())
    return Told.of_scores(rate, np.zeros(len(rate)))


def _length(texts: Texts) -> Told:
    return calibrated(np.array([-float(len(code)) for code in texts.code]), texts)


def _added_lines(texts: Texts) -> Told:
    if not all(texts.diffs):
        raise NoBaseline("not every row has a diff")
    return calibrated(np.array([-float(added_lines(diff)) for diff in texts.diffs]), texts)


def added_lines(diff: str) -> int:
    """How many lines a unified diff adds.

    >>> added_lines("--- a\\n+++ b\\n@@ -1 +1,2 @@\\n x\\n+y\\n")
    1
    """
    lines = diff.split("\n")
    heads = sum(
        one.startswith("+++ ") and before.startswith("--- ") for before, one in pairwise(lines)
    )
    return sum(line.startswith("+") for line in lines) - heads


def _ngrams(texts: Texts) -> Told:
    def inputs(train: I64, test: I64) -> tuple[object, object]:
        from sklearn.feature_extraction.text import TfidfVectorizer

        grams = TfidfVectorizer(
            analyzer="char",
            ngram_range=(1, 4),
            lowercase=False,
            sublinear_tf=True,
            max_features=FEATURES,
            dtype=np.float32,
        )
        code = [text[:MAX_CHARACTERS] for text in texts.code]
        try:
            fitted = grams.fit_transform([code[i] for i in train])
        except ValueError:  # no characters at all
            raise NoBaseline("the code is empty") from None
        return fitted, grams.transform([code[i] for i in test])

    p = _cross_fitted(texts, inputs)
    return Told.of_scores(p, p)


BASELINES: Mapping[str, Callable[[Texts], Told]] = {
    "majority": _majority,
    "length": _length,
    "added_lines": _added_lines,
    "ngrams": _ngrams,
}


def _cross_fitted(texts: Texts, inputs: Callable[[I64, I64], tuple[object, object]]) -> F64:
    """(N,) P(correct) of every row by a logistic regression fitted on other folds of tasks."""
    from sklearn.linear_model import LogisticRegression

    p = np.zeros(len(texts.labels))
    count = min(FOLDS, len(set(texts.tasks)))
    if count < 2:
        raise NoBaseline("it is fitted on other tasks, and there is one only")
    for train, test in folds(texts.tasks, count):
        if len(set(texts.labels[train].tolist())) < 2:
            raise NoBaseline("the rows of the other tasks are all of one class")
        fitted, asked = inputs(train, test)
        model = LogisticRegression(max_iter=1000, solver="liblinear", random_state=0)
        model.fit(fitted, texts.labels[train])
        p[test] = model.predict_proba(asked)[:, 1]
    return p

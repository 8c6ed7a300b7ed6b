import numpy as np
import pytest

from judge.model import Reading
from judge.train.fitting import OF_EACH, calibrations_of
from judge.train.head import Rows


def readings(logits: np.ndarray) -> list[Reading]:  # type: ignore[type-arg]
    states = np.zeros((2, 3, 4), np.float32)
    return [Reading(states, np.full(5, x, np.float32), float(x)) for x in logits]


def rows(shares: dict[str, float], n: int) -> tuple[Rows, list[str], np.ndarray]:  # type: ignore[type-arg]
    """`n` rows of each language, of which a share is right; higher logits are likelier right."""
    random = np.random.default_rng(0)
    languages = [language for language in shares for _ in range(n)]
    labels = np.array([int(random.random() < shares[language]) for language in languages])
    logits = labels + random.normal(size=len(labels))
    return (
        Rows(readings(logits), labels, [str(i) for i in range(len(labels))], ["w"] * len(labels)),
        languages,
        logits,
    )


def test_a_language_with_rows_enough_is_calibrated_on_its_own() -> None:
    data, languages, logits = rows({"python": 0.3, "javascript": 0.7}, 10 * OF_EACH)
    found = calibrations_of(data, languages, logits)
    for language, share in (("python", 0.3), ("javascript", 0.7)):
        own = found[f"head/{language}"]
        stated = [
            own.probability(float(x))
            for x, of in zip(logits, languages, strict=True)
            if of == language
        ]
        assert np.mean(stated) == pytest.approx(share, abs=0.05)
        assert own.n == 10 * OF_EACH
    assert found["head"].base_rate == pytest.approx(0.5, abs=0.05)
    assert found["yesno/python"].n == 10 * OF_EACH


def test_a_language_with_few_right_rows_shares_the_calibration_of_all() -> None:
    data, languages, logits = rows({"python": 0.5, "go": 0.5}, OF_EACH)
    assert "head/go" not in calibrations_of(data, languages, logits)

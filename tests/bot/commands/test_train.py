from __future__ import annotations

import hashlib
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from bot.commands.train import keep_reliability
from judge.calibrate import Calibration
from judge.reliability import FILE, parse


def test_what_calibrated_a_judge_is_kept_beside_it_under_its_version(tmp_path: Path) -> None:
    (tmp_path / "judge.json").write_text("{}")
    head = Calibration(slope=1.0, intercept=0.0, base_rate=0.5, n=3)
    trained = SimpleNamespace(
        adapter=SimpleNamespace(calibrations={"head": head}),
        rows=[SimpleNamespace(label=label) for label in (0, 1, 1)],
        logits=np.array([-2.0, 0.1, 2.0]),
    )
    keep_reliability(trained, tmp_path)
    found = parse((tmp_path / FILE).read_text())
    assert found is not None and found.n == 3
    assert found.version == hashlib.sha256(b"{}").hexdigest()[:8]
    assert [one.seen for one in found.bins] == [0.0, 1.0, 1.0]

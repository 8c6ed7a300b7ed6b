from __future__ import annotations

import json

from bot.doctor_checks import Check, Status, as_json, as_text, is_well


def test_both_forms_give_every_check_and_the_whole() -> None:
    checks = (Check("a", Status.OK, "fine"), Check("b", Status.PROBLEM, "broken", "mend it"))
    assert not is_well(checks)
    assert json.loads(as_json(checks)) == {
        "ok": False,
        "checks": [
            {"name": "a", "status": "ok", "finding": "fine", "remedy": ""},
            {"name": "b", "status": "problem", "finding": "broken", "remedy": "mend it"},
        ],
    }
    assert "mend it" in as_text(checks).plain
    assert as_text(checks).plain.endswith("1 problem")


def test_what_is_only_unset_is_well() -> None:
    assert is_well([Check("a", Status.UNSET, "not set", "set it")])

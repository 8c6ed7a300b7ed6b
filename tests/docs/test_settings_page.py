from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from bot.dashboard.settings import DashboardSettings
from bot.settings import BotSettings
from worker.settings import WorkerSettings

PAGE = (Path(__file__).parents[2] / "docs" / "settings.md").read_text(encoding="utf-8")
ROWS = dict(re.findall(r"^\| `(GAVEL_\w+)` \| (.*?) \| .+ \|$", PAGE, re.MULTILINE))
FIELDS: dict[str, FieldInfo] = {
    f"GAVEL_{name.upper()}": field
    for settings in (BotSettings, DashboardSettings, WorkerSettings)
    for name, field in settings.model_fields.items()
}
WITH_DEFAULT = {
    name: field.default
    for name, field in FIELDS.items()
    if field.default not in (None, "", PydanticUndefined)
}


def test_the_page_has_every_setting_and_no_other() -> None:
    assert set(ROWS) == set(FIELDS)


@pytest.mark.parametrize("name", sorted(WITH_DEFAULT))
def test_the_page_has_the_default_of_the_code(name: str) -> None:
    default = WITH_DEFAULT[name]
    said = f"{default:g}" if isinstance(default, float) else str(default)
    assert ROWS[name] == f"`{said}`"

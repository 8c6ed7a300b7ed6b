"""Find what other distributions bring: judges and forges, as entry points. Acts: imports them.

A distribution that is installed beside Gavel names, in the group `gavel.judges`, a function
`(home: Path) -> Judge`, and in the group `gavel.forges` a function
`(settings: WorkerSettings, installation_id: int | None) -> Forge`. Names of Gavel's own come first.
"""

from __future__ import annotations

from importlib.metadata import entry_points

JUDGES = "gavel.judges"
FORGES = "gavel.forges"


class PluginError(Exception):
    """What a plug-in brings cannot be used; the message names it and what is wrong."""


def names(group: str) -> tuple[str, ...]:
    """What is installed in `group`, sorted."""
    return tuple(sorted({one.name for one in entry_points(group=group)}))


def load(group: str, name: str) -> object | None:
    """What the plug-in `name` brings, or None where there is none. Raises PluginError."""
    found = {one.value: one for one in entry_points(group=group) if one.name == name}
    if not found:
        return None
    if len(found) > 1:
        raise PluginError(
            f"{name!r} in {group} is brought by {len(found)} distributions "
            f"({', '.join(sorted(found))}): uninstall all but one"
        )
    (one,) = found.values()
    try:
        brought: object = one.load()
    except (ImportError, AttributeError) as error:
        raise PluginError(
            f"the plug-in {name!r} ({one.value}) cannot be imported: {error}"
        ) from error
    if not callable(brought):
        raise PluginError(f"the plug-in {name!r} ({one.value}) is no function or class")
    return brought

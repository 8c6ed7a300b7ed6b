"""Acts: looks whether the judge's model is here, without loading it."""

from __future__ import annotations

from judge.registry import DEFAULT_MODEL, MODELS
from worker.settings import WorkerSettings


def model_problem(settings: WorkerSettings) -> str:
    """Why the judge cannot be loaded, or ""; only a model of the registry can be missing.

    A worker without its model is alive: reviews wait until somebody pulls it.
    """
    from judge.pull import is_present  # an io worker's image has not what it needs

    name = settings.model or DEFAULT_MODEL
    if name not in MODELS or is_present(settings.home, name):
        return ""
    return f"the model {name} is not here: run `gavel pull {name}`"

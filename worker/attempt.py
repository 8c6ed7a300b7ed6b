"""Acts: does a piece of work once and sorts how it failed. The outermost place of a worker."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import structlog
from celery.exceptions import SoftTimeLimitExceeded  # type: ignore[import-untyped]
from sqlalchemy.exc import SQLAlchemyError

from judge.plugins import PluginError
from judge.registry import ModelMissing, UnknownModel
from worker.forges.base import Forbidden, Unavailable
from worker.heartbeat import beating
from worker.patience import Patience
from worker.review import CannotJudge

log = structlog.get_logger("worker")

# These say in one sentence what is wrong and what to do; their words go into the check.
EXPLAINED = (Forbidden, CannotJudge, UnknownModel, PluginError)


@dataclass(frozen=True, slots=True)
class Failure:
    """How work failed.

    reason   one sentence, without the insides of the program
    delay_s  try again after so many seconds; None: it cannot help, or was tried too often
    """

    reason: str
    delay_s: float | None = None


def attempt(
    work: Callable[[], None],
    *,
    touch: Callable[[], None],
    patience: Patience,
    postponed: int,
) -> Failure | None:
    """Do `work`, calling `touch` meanwhile; None where it went well or the sweep brings it back.

    postponed  how often this work was put off before
    """
    try:
        with beating(lambda: _unless_the_database_fails(touch), every_s=patience.beat_s):
            work()
    except Unavailable as error:
        if postponed >= patience.max_postponed:
            return Failure(f"the forge was unavailable for too long: {error}")
        delay_s = patience.until_retry_s(postponed, asked_s=error.retry_after_s)
        return Failure(str(error), delay_s)
    except ModelMissing as error:
        if postponed >= patience.max_model_waits:
            return Failure("the model of the judge was missing for too long")
        return Failure(str(error), patience.model_retry_s)
    except EXPLAINED as error:
        return Failure(str(error))
    except SoftTimeLimitExceeded:
        return Failure("it took longer than the time limit")
    except SQLAlchemyError:
        # The sweep brings it back; with no database there is nothing to write down anyway.
        log.exception("the database failed")
    except Exception as error:  # the one outermost place of a worker process
        log.exception("a stage failed")
        return Failure(f"an internal error ({type(error).__name__}); the log has more")
    return None


def _unless_the_database_fails(touch: Callable[[], None]) -> None:
    """A database that fails now is noticed by the work itself."""
    try:
        touch()
    except SQLAlchemyError:
        log.warning("the heartbeat could not be written")

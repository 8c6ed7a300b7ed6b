"""Acts: does a piece of work once and sorts how it failed. The outermost place of a worker."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import structlog
from celery.exceptions import SoftTimeLimitExceeded  # type: ignore[import-untyped]
from sqlalchemy.exc import SQLAlchemyError

from judge.registry import ModelMissing, UnknownModel
from worker.forges.base import Forbidden, Unavailable
from worker.heartbeat import beating
from worker.review import CannotJudge

log = structlog.get_logger("worker")

# These say in one sentence what is wrong and what to do; their words go into the check.
EXPLAINED = (Forbidden, CannotJudge, ModelMissing, UnknownModel)


@dataclass(frozen=True, slots=True)
class Failure:
    """How work failed.

    reason         one sentence, without the insides of the program
    retry_after_s  the forge was unavailable: try again then; None: it cannot help
    """

    reason: str
    retry_after_s: float | None = None


def attempt(
    work: Callable[[], None], *, touch: Callable[[], None], every_s: float
) -> Failure | None:
    """Do `work`, calling `touch` meanwhile; None where it went well or the sweep brings it back."""
    try:
        with beating(lambda: _unless_the_database_fails(touch), every_s=every_s):
            work()
    except Unavailable as error:
        return Failure(str(error), error.retry_after_s)
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

"""Acts: makes the folder in which the processes of one service keep their counts together."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"  # read by prometheus_client when it is imported


def make(port: int) -> None:
    """Let this process and its children count into one folder, where there is a metrics' port.

    Has to run before worker.metrics is imported. The folder is new each time: counts start at
    zero with the service.
    """
    if port and VARIABLE not in os.environ:
        os.environ[VARIABLE] = tempfile.mkdtemp(prefix="gavel-metrics-")
        atexit.register(_remove, os.environ[VARIABLE], os.getpid())


def _remove(folder: str, owner: int) -> None:
    """Remove the folder at the end of the process that made it, not of one that it forked."""
    if os.getpid() == owner:
        shutil.rmtree(folder, ignore_errors=True)

"""Act inside a cell: run the tests of a Python project, and tell how that ended.

The text of this module is a program of its own: `python -c TEXT unittest -q` stands for
`python -m unittest -q`. The first line of standard input is a password; it is written, with the
number of tests that passed, only once the tests have come to their end and none has failed. Code
that ends the process before, or that skips what it should pass, writes none or fewer. Standard
library only, and the project's own pytest.
"""

from __future__ import annotations

import os
import sys
import unittest
from collections.abc import Callable, Sequence


def main() -> None:
    """Run the tests that the arguments name."""
    out, password = os.dup(1), _line()
    module, *arguments = sys.argv[1:]
    sys.argv = [f"{sys.executable} -m {module}", *arguments]
    ran = _RUN[module](sys.argv)
    sys.stdout.flush()
    if ran is not None:
        os.write(out, f"\n{password}{ran}\n".encode())
    sys.exit(ran is None)


def _line() -> str:
    """The first line of standard input; the rest stays there for the tests."""
    told = b""
    while (letter := os.read(0, 1)) not in (b"", b"\n"):
        told += letter
    return told.decode()


def _unittest(argv: Sequence[str]) -> int | None:
    result = unittest.main(module=None, argv=list(argv), exit=False).result
    missed = len(result.skipped) + len(result.expectedFailures)
    return result.testsRun - missed if result.wasSuccessful() else None


def _pytest(argv: Sequence[str]) -> int | None:
    import pytest

    passed: list[str] = []

    class Count:
        def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
            if report.when == "call" and report.passed:
                passed.append(report.nodeid)

    failed = pytest.main(list(argv[1:]), plugins=[Count()])
    return None if failed else len(passed)


_RUN: dict[str, Callable[[Sequence[str]], int | None]] = {
    "unittest": _unittest,
    "pytest": _pytest,
}

if __name__ == "__main__":
    main()

"""Commands that need no model start at once."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable

import pytest

CLI = Callable[..., subprocess.CompletedProcess[str]]

HEAVY = ("tensorflow", "keras", "sklearn", "hmmlearn", "pandas", "pyarrow", "matplotlib", "scipy")


START = ["-c", "import rich.console, rich.table, typer"]
"""What any command needs: a reference for the processor time of a light one."""


@pytest.mark.parametrize(
    ("arguments", "times"),
    [(["--help"], 4), (["list", "models"], 5), (["run", "--help"], 6), (["list", "datasets"], 8)],
)
def test_a_light_command_imports_nothing_heavy_and_is_quick(arguments: list[str], times: float) -> None:
    code = (
        "import sys; sys.argv[0] = 'bench'\n"
        "from bench.cli.app import main\n"
        "try:\n    main()\n"
        f"finally:\n    print(sorted(set({HEAVY!r}) & set(sys.modules)), file=sys.stderr)"
    )
    seconds: list[float] = []
    references: list[float] = []
    while len(seconds) < 10 and min(seconds, default=1.0) >= times * min(references, default=0.0):
        references.append(_processor_seconds([*START])[0])
        mine, printed = _processor_seconds(["-c", code, *arguments])
        seconds.append(mine)
        assert printed == "[]"
    assert min(seconds) < times * min(references)


def _processor_seconds(arguments: list[str]) -> tuple[float, str]:
    """Processor time of an interpreter with these arguments, and what it said on standard error.

    What runs beside it shares caches and cores and only ever adds: the least of several tries is its own.
    """
    before = os.times()
    done = subprocess.run([sys.executable, "-P", *arguments], capture_output=True, text=True, check=True)
    after = os.times()
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    return spent, done.stderr.strip()


def test_every_command_has_help_with_an_example(cli: CLI) -> None:
    for command in (
        ["run"],
        ["show"],
        ["report"],
        ["compare"],
        ["list"],
        ["list", "models"],
        ["list", "datasets"],
        ["list", "runs"],
        ["data"],
        ["data", "fetch"],
        ["data", "verify"],
        ["data", "path"],
        ["predict"],
        ["speed"],
        ["speed", "run"],
        ["speed", "compare"],
        ["speed", "publish"],
        ["speed", "preview"],
    ):
        assert "Example: bench" in " ".join(cli(*command, "--help").stdout.split())


def test_the_parent_never_imports_a_model() -> None:
    code = (
        "import sys; from bench.running.describe import describe\n"
        "print(describe(['gru', 'hmm', 'logreg[C=3]'])[2].name)\n"
        "assert not {'tensorflow', 'keras', 'hmmlearn', 'sklearn'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "logreg[C=3]"

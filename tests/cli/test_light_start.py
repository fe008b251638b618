"""Commands that need no model start at once."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

HEAVY = ("tensorflow", "keras", "sklearn", "hmmlearn", "pandas", "pyarrow", "matplotlib", "scipy")


@pytest.mark.parametrize(
    ("arguments", "limit_seconds"),
    [(["--help"], 0.5), (["list", "models"], 0.5), (["run", "--help"], 1), (["list", "datasets"], 1)],
)
def test_a_light_command_imports_nothing_heavy_and_is_quick(arguments: list[str], limit_seconds: float) -> None:
    code = (
        "import sys; sys.argv[0] = 'bench'\n"
        "from bench.cli.app import main\n"
        "try:\n    main()\n"
        f"finally:\n    print(sorted(set({HEAVY!r}) & set(sys.modules)), file=sys.stderr)"
    )
    seconds: list[float] = []
    while len(seconds) < 10 and min(seconds, default=limit_seconds) >= limit_seconds:
        before = _children_cpu_seconds()
        done = subprocess.run(
            [sys.executable, "-P", "-c", code, *arguments], capture_output=True, text=True, check=True
        )
        seconds.append(_children_cpu_seconds() - before)
        assert done.stderr.strip() == "[]"
    assert min(seconds) < limit_seconds


def _children_cpu_seconds() -> float:
    """Processor time: wall time is longer while other tests run beside this one.

    They share caches and cores, so that it is longer too, by up to 2: the least of several tries is the command's own.
    """
    times = os.times()
    return times.children_user + times.children_system


def test_every_command_has_help_with_an_example(cli) -> None:
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

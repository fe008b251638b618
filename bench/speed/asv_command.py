"""asv, started with a checkout's configuration, a machine's name and a choice of benchmarks."""

from __future__ import annotations

import contextlib
import json
import platform
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Literal, TextIO

import psutil
from filelock import FileLock, Timeout

from bench.errors import UsageError
from bench.running.resources import cpu_model, processors
from bench.speed.checkout import CONFIG, Checkout
from bench.utils.files import write_text
from bench.utils.text import shown

Profile = Literal["quick", "full"]

_TENSORFLOW_NOISE = re.compile(
    r"[\s\[\]\d.%·]*(WARNING: All log messages before absl|To enable the following|[IWE]0000 )"
)
_HEADING = re.compile(r"(\[[\d. ]+%\] ····)? *For parameters: ")


def machine_name() -> str:
    """Return a name for this kind of machine, the same for all of the kind: its processor and how many of them."""
    return name_of(cpu_model(), len(processors()))


def name_of(model: str, n_processors: int) -> str:
    """Return a processor's name as a folder name.

    >>> name_of("Intel(R) Xeon(R) Processor", 2), name_of("AMD EPYC 7763 64-Core Processor @ 2.4GHz", 4)
    ('intel-xeon-2cpu', 'amd-epyc-7763-64-core-4cpu')
    """
    words = re.sub(r"\([A-Za-z]+\)|\bCPU\b|\bProcessor\b|@.*", " ", model).lower()
    return "-".join([*re.findall(r"[a-z0-9]+", words), f"{n_processors}cpu"])


def check_machine(name: str | None) -> str:
    """Return the name of the kind of machine, detected if none is given; UsageError if it cannot name a folder."""
    if name is not None and not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", name):
        raise UsageError(f"--machine {shown(name)} is no name of a kind of machine; expected such as {machine_name()}")
    return name or machine_name()


def patterns(checkout: Checkout, profile: Profile) -> list[str]:
    """Regular expressions of the benchmarks of a profile, the most important first."""
    if profile == "full":
        return [""]
    with _readable(path := checkout.root / "bench" / "speed" / "benchmarks" / "quick.txt"):
        lines = path.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def read_config(checkout: Checkout) -> dict[str, Any]:
    """Return what asv.conf.json says."""
    from asv.util import load_json

    with _readable(path := checkout.root / CONFIG):
        config: dict[str, Any] = load_json(str(path), js_comments=True)
    return config


def write_config(checkout: Checkout, path: Path, **changes: object) -> Path:
    """Write a copy of the configuration, with what only this checkout knows and with changes. Its paths are absolute.

    Parameters
    ----------
    checkout : Checkout
    path : Path
        Where to.
    """
    config = read_config(checkout)
    for key in ("build_command", "install_command", "uninstall_command"):
        if key in config:
            config[key] = [line.replace("{conf_dir}", shlex.quote(str(checkout.root))) for line in config[key]]
    config |= {
        "repo": str(checkout.root),
        "branches": [checkout.branch],
        "show_commit_url": checkout.web_commits,
        "benchmark_dir": str(checkout.root / "bench" / "speed" / "benchmarks"),
        "env_dir": str(checkout.scratch / "env"),
        "results_dir": str(checkout.results),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text(path, json.dumps(config | changes, indent=1))
    return path


def describe_machine(name: str) -> None:
    """Tell asv what this machine is, without its host's name."""
    from asv.machine import MachineCollection

    with _readable(Path(MachineCollection.get_machine_file_path())):
        MachineCollection.save(
            name,
            {
                "machine": name,
                "os": platform.system(),
                "arch": platform.machine(),
                "cpu": cpu_model(),
                "num_cpu": str(len(processors())),
            },
        )


@contextlib.contextmanager
def _readable(path: Path) -> Iterator[None]:
    from asv.util import UserError

    try:
        yield
    except (UserError, OSError, ValueError) as error:
        raise UsageError(f"{path} is damaged, or cannot be read or written: {error}") from None


def measure(
    checkout: Checkout,
    config: Path,
    commits: Sequence[str],
    machine: str,
    patterns: Sequence[str],
    options: Sequence[str],
    *,
    to: TextIO | None = None,
) -> str:
    """Let asv measure commits, and return what it printed.

    Parameters
    ----------
    checkout : Checkout
    config : Path
    commits : sequence of str
    machine : str
    patterns : sequence of str
        Regular expressions of benchmarks.
    options : sequence of str
        More of asv's.
    to : file, optional
        Where asv's words are shown; by default on standard output.

    Raises
    ------
    UsageError
        asv refused the options or the configuration, or measures for somebody else now.
    """
    describe_machine(machine)
    chosen = [word for pattern in patterns if pattern for word in ("--bench", pattern)]
    command = ["run", "HASHFILE:-", "--machine", machine, "--record-samples", "--show-stderr", *chosen, *options]
    with _alone(checkout):
        code, printed = start(config, command, given="\n".join(commits), to=to)
    if code not in (0, 2) or "usage: asv" in printed:  # 2: a benchmark failed; also argparse's code
        raise UsageError(f"asv ended with exit code {code}; what it said stands above")
    return printed


@contextlib.contextmanager
def _alone(checkout: Checkout) -> Iterator[None]:
    """Refuse to measure twice at the same time: both would be disturbed, and install over each other."""
    checkout.scratch.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(checkout.scratch / "lock", timeout=0):
            yield
    except Timeout:
        raise UsageError(f"bench speed measures in {checkout.root} already; wait until it has ended") from None


def start(config: Path, arguments: Sequence[str], *, given: str = "", to: TextIO | None = None) -> tuple[int, str]:
    """Run asv and return its exit code and what it printed, ``without_noise``; show that as it comes.

    Parameters
    ----------
    config : Path
    arguments : sequence of str
    given : str
        Its standard input.
    to : file, optional
        Where it is shown; by default on standard output.
    """
    lines: list[str] = []
    with subprocess.Popen(
        [sys.executable, "-m", "asv", "--config", str(config), *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(given)
            process.stdin.close()
            for line in without_noise(process.stdout):
                lines.append(line)
                print(line, end="", flush=True, file=to)
        except BaseException:
            _stop(process)
            raise
    return process.returncode, "".join(lines)


def without_noise(lines: Iterable[str]) -> Iterator[str]:
    """Yield what asv printed, without TensorFlow's notes and headings that have nothing below them then.

    >>> lines = ["[9.00%] ···· For parameters: 100", "I0000 00:00:17 started", "", "  For parameters: 500", ""]
    >>> list(without_noise([*lines, "[9.10%] ··· a.B.time_c  1.2s"]))
    ['[9.10%] ··· a.B.time_c  1.2s']
    >>> list(without_noise([*lines, "ValueError: too long"]))
    ['  For parameters: 500', '', 'ValueError: too long']
    """
    heading: list[str] = []
    for line in lines:
        if _TENSORFLOW_NOISE.match(line):
            continue
        if _HEADING.match(line):
            heading = [line]
        elif heading and not line.strip():
            heading.append(line)
        else:
            if not line.startswith("["):
                yield from heading
            heading = []
            yield line


def _stop(process: subprocess.Popen[str]) -> None:
    """End asv as Ctrl-C does, and its benchmark, which has its own process group."""
    with contextlib.suppress(psutil.NoSuchProcess):
        below = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=10)
        process.kill()
        for child in below:
            with contextlib.suppress(psutil.NoSuchProcess):
                child.kill()

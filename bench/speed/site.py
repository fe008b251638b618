"""The dashboard's pages, with the report beside them: a folder to be served."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from bench.api import load_run
from bench.errors import UsageError
from bench.report.make import make_report
from bench.speed.asv_command import start, write_config
from bench.speed.asv_results import check_history, machines, result_files
from bench.speed.checkout import Checkout
from bench.utils.files import write_text

DASHBOARD, REPORT, INDEX = "speed", "report.html", "index.html"

_START = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>bench</title>
<meta http-equiv="refresh" content="0; url={page}">
<a href="{page}">bench</a>
</html>
"""


@dataclass(frozen=True)
class Site:
    """What was written.

    Parameters
    ----------
    folder : Path
    n_commits : int
        Commits that the dashboard shows.
    regressions : tuple of str
        Benchmarks that are slower than they were.
    """

    folder: Path
    n_commits: int
    regressions: tuple[str, ...]


def publish(checkout: Checkout, run: Path | None, machine: str | None, options: Sequence[str]) -> Site:
    """Write the pages.

    Parameters
    ----------
    checkout : Checkout
    run : Path, optional
        The folder of the run whose report is published beside the dashboard.
    machine : str, optional
        Show the history of this kind of machine only.
    options : sequence of str
        More of asv's.

    Raises
    ------
    UsageError
        Nothing was measured, or asv failed.
    OutputError
        There is no such run.
    """
    check_history(checkout.results, machine)
    found = load_run(run) if run else None
    folder = checkout.scratch / "site"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    results = checkout.results if machine is None else _of_machine(checkout, machine)
    config = write_config(
        checkout,
        checkout.scratch / "publish.conf.json",
        results_dir=str(results),
        html_dir=str(folder / DASHBOARD),
        project_url=f"../{REPORT}" if found else "#",
    )
    code, _ = start(config, ["publish", "--no-pull", *options])
    if code:
        raise UsageError(f"asv publish ended with exit code {code}; what it said stands above")
    if found:
        make_report([found], show_texts=False, folder=folder, dashboard=f"{DASHBOARD}/")
    write_text(folder / INDEX, _START.format(page=REPORT if found else f"{DASHBOARD}/"))
    measured = {path.name[:8] for name in machines(results) for path in result_files(results, name)}
    n_commits = sum(commit[:8] in measured for commit in checkout.history() & _commits(folder / DASHBOARD))
    return Site(folder, n_commits, _regressions(folder / DASHBOARD))


def serve(folder: Path, port: int) -> ThreadingHTTPServer:
    """Return a server of the pages, which only this machine reaches; it waits to be started.

    Raises
    ------
    UsageError
        The port is taken.
    """
    try:
        return ThreadingHTTPServer(("127.0.0.1", port), partial(_Quiet, directory=str(folder)))
    except OSError as error:
        raise UsageError(f"port {port} cannot be used: {error.strerror}; name another one with --port") from None


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None: ...


def _of_machine(checkout: Checkout, machine: str) -> Path:
    """Return a copy of the history of one kind of machine."""
    folder = checkout.scratch / "one-machine"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(checkout.results / machine, folder / machine)
    shutil.copy(checkout.results / "benchmarks.json", folder)
    return folder


def _commits(dashboard: Path) -> set[str]:
    return set(json.loads((dashboard / "index.json").read_text(encoding="utf-8"))["revision_to_hash"].values())


def _regressions(dashboard: Path) -> tuple[str, ...]:
    found = json.loads((dashboard / "regressions.json").read_text(encoding="utf-8"))["regressions"]
    return tuple(dict.fromkeys(name for name, *_ in found))

"""The commands over asv: bench speed run, compare, publish, preview."""

from __future__ import annotations

import contextlib
import itertools
import json
import re
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from bench.cli import options
from bench.cli.terminal import print_rows
from bench.errors import UsageError
from bench.utils.escapes import visible
from bench.utils.text import counted, shown

if TYPE_CHECKING:
    from bench.speed.asv_results import Measured
    from bench.speed.checkout import Checkout
    from bench.speed.compare import CommitComparison
    from bench.speed.site import Site
    from bench.speed.verdicts import SpeedChange

speed_app = typer.Typer(
    no_args_is_help=True,
    help="Speed of models and harness, commit by commit, measured by asv.\n\nExample: bench speed compare main HEAD",
)

PASS_ON = {"ignore_unknown_options": True}
"""Options that are not ours are asv's."""

REFUSED = {"-n", "--dry-run", "-q", "--quick", "-p", "-o", "--html-dir"}
"""asv's options that would keep nothing, keep what is no measurement, or put it elsewhere."""

Profile = Annotated[
    Literal["quick", "full"], typer.Option(help="quick: what matters most, in minutes. full: every benchmark.")
]
Bench = Annotated[
    list[str] | None,
    typer.Option("--bench", "-b", help="Benchmarks that match, instead of a profile's.", metavar="REGEX"),
]
Machine = Annotated[
    str | None,
    typer.Option(
        "--machine",
        "-m",
        help="Name of this kind of machine. Default: the processor and how many there are.",
        metavar="NAME",
    ),
]
Report = Annotated[
    str | None,
    typer.Option(
        help="The run whose report is published beside the dashboard. Default: imdb, if there.", metavar="RUN"
    ),
]


@speed_app.command(context_settings=PASS_ON, epilog="Example: bench speed run main~3..main --profile full")
def run(
    arguments: Annotated[
        list[str] | None,
        typer.Argument(help="Commits, or ranges OLD..NEW; then options of asv run.", metavar="[COMMIT]…"),
    ] = None,
    profile: Profile = "quick",
    bench: Bench = None,
    machine: Machine = None,
) -> None:
    """Measure commits, the one that is checked out if none is named, and keep what was measured in results/asv."""
    from bench.speed import asv_command
    from bench.speed.asv_results import read_results, result_files

    checkout = _checkout()
    names, more = _split(arguments)
    commits = checkout.commits(names or ["HEAD"])
    kind = asv_command.check_machine(machine)
    chosen = _chosen(checkout, profile, bench)
    _say_what_is_left_out(checkout)
    config, began = asv_command.write_config(checkout, checkout.scratch / "run.conf.json"), time.time()
    try:
        printed = asv_command.measure(checkout, config, commits, kind, chosen, more)
    except KeyboardInterrupt:
        typer.echo("interrupted: commits that were done are kept, the one at work is not", err=True)
        raise
    missing = [commit[:8] for commit in commits if not result_files(checkout.results, kind, commit)]
    if missing:
        raise UsageError(f"asv kept nothing of {', '.join(missing)}; what it said stands above")
    failed = [
        _print_failures(commit, commit[:8], found, printed)
        for commit in commits
        if (found := read_results(checkout.results, kind, commit, patterns=chosen, since=began))
    ]
    typer.echo(f"saved in {checkout.results / kind}; bench speed publish shows it", err=True)
    if any(failed):
        raise typer.Exit(1)


@speed_app.command(context_settings=PASS_ON, epilog="Example: bench speed compare main HEAD --rounds 4")
def compare(
    arguments: Annotated[
        list[str] | None,
        typer.Argument(
            help="The commit to compare with, and the one that may be slower (default: HEAD); then options of asv run.",
            metavar="COMMIT_A [COMMIT_B]",
        ),
    ] = None,
    profile: Profile = "quick",
    bench: Bench = None,
    machine: Machine = None,
    rounds: Annotated[int, typer.Option(min=2, help="How often the commits are measured in turn.", metavar="N")] = 2,
    threshold: Annotated[
        float | None,
        typer.Option(
            help="B is slower from this ratio on. Default: 1.25 for training, 1.15 else, as in asv.conf.json.",
            metavar="RATIO",
        ),
    ] = None,
    as_json: options.AsJSON = False,
) -> None:
    """Measure two commits in turn and say whether the second one is slower: exit code 1 if it is.

    What is measured is stored apart from the history.
    """
    from bench.speed import asv_command
    from bench.speed.compare import Settings, compare_commits

    if threshold is not None and not threshold > 1:
        raise UsageError(f"--threshold {threshold:g} is no ratio over 1; expected such as 1.15")
    checkout = _checkout()
    names, more = _split(arguments)
    if len(names) not in (1, 2):
        raise UsageError(f"{counted(len(names), 'commit')} given; expected one or two: bench speed compare main HEAD")
    kind = asv_command.check_machine(machine)
    settings = Settings(_chosen(checkout, profile, bench), rounds, threshold, more, kind)
    _say_what_is_left_out(checkout)
    before, after = names if len(names) == 2 else (*names, "HEAD")
    compared = compare_commits(checkout, before, after, settings, to=sys.stderr if as_json else None)
    _print_compared(compared, as_json=as_json)


@speed_app.command(context_settings=PASS_ON, epilog="Example: bench speed publish --report imdb")
def publish(
    arguments: Annotated[
        list[str] | None,
        typer.Argument(help="A range of commits to show, and options of asv publish.", metavar="[RANGE]"),
    ] = None,
    report: Report = None,
    machine: Annotated[
        str | None, typer.Option("--machine", "-m", help="Only the history of this kind of machine.", metavar="NAME")
    ] = None,
) -> None:
    """Write the dashboard and the report beside it into .asv/site, to be served by any web server."""
    site = _publish(_checkout(), report, machine, arguments)
    typer.echo(f"{site.folder}: {counted(site.n_commits, 'commit')}; bench speed preview serves it")
    for name in site.regressions:
        typer.echo(f"slower than it was: {name}")


@speed_app.command(epilog="Example: bench speed preview --port 8080")
def preview(
    report: Report = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Of the server; 0: any that is free.")] = 8080,
    browser: Annotated[bool, typer.Option("--browser", help="Open the dashboard in a web browser.")] = False,
) -> None:
    """Write the pages and serve them, on this machine only, until Ctrl-C."""
    from bench.speed.site import DASHBOARD, serve

    site = _publish(_checkout(), report, None, None)
    with serve(site.folder, port) as server:
        address = f"http://127.0.0.1:{server.server_port}/{DASHBOARD}/"
        typer.echo(f"{address} until Ctrl-C")
        sys.stdout.flush()
        if browser:
            typer.launch(address)
        with contextlib.suppress(KeyboardInterrupt):
            server.serve_forever()


def _checkout() -> Checkout:
    from bench.speed.checkout import find_checkout

    return find_checkout(Path.cwd())


def _split(arguments: Sequence[str] | None) -> tuple[list[str], list[str]]:
    """Split arguments into commits and, from the first option on, what is asv's."""
    words = list(arguments or ())
    commits = list(itertools.takewhile(lambda word: not word.startswith("-"), words))
    more = words[len(commits) :]
    if refused := [word for word in more if word.split("=")[0] in REFUSED]:
        raise UsageError(f"{refused[0]} does not go with bench speed, which keeps what it measures; use asv itself")
    return commits, more


def _chosen(checkout: Checkout, profile: Literal["quick", "full"], bench: Sequence[str] | None) -> list[str]:
    """Regular expressions of the benchmarks to run."""
    from bench.speed.asv_command import patterns

    for pattern in bench or ():
        try:
            re.compile(pattern)
        except re.error as error:
            raise UsageError(f"--bench {shown(pattern)} is no regular expression: {error}") from None
    return list(bench or patterns(checkout, profile))


def _say_what_is_left_out(checkout: Checkout) -> None:
    if checkout.has_changes:
        typer.echo("changes that are in no commit are not measured", err=True)


def _publish(checkout: Checkout, report: str | None, machine: str | None, arguments: Sequence[str] | None) -> Site:
    from bench.results.store import find_run
    from bench.speed.site import publish

    names, more = _split(arguments)
    checkout.commits(names)
    runs = checkout.root / "results"
    default = runs / "imdb"
    run = find_run(report, runs) if report else (default if (default / "run.json").exists() else None)
    return publish(checkout, run, machine, [*names, *more])


def _print_failures(commit: str, called: str, found: Mapping[str, Measured], printed: str) -> bool:
    """Name the benchmarks that failed, with their error; return whether any did."""
    from bench.speed.asv_results import errors_in

    errors = errors_in(printed)
    failed = [one.name for one in found.values() if one.value is None]
    for name in failed:
        said = (
            words for (of, end), words in errors.items() if commit.startswith(of) and name.split("(")[0].endswith(end)
        )
        typer.echo(visible(f"failed in {called}: {name}: {next(said, 'see above')}"), err=True)
    return bool(failed)


def _print_compared(compared: CommitComparison, *, as_json: bool) -> None:
    """Print what changed; exit code 1 if anything is slower or failed."""
    if as_json:
        typer.echo(json.dumps([asdict(change) for change in compared.changes]))
    else:
        typer.echo(visible(f"\nA: {compared.titles[0]}\nB: {compared.titles[1]}"))
        print_rows([_row(change) for change in compared.changes], as_json=False)
    failed = _print_failures(compared.commit, "B", compared.after, compared.printed)
    slower = [change.name for change in compared.changes if change.verdict == "slower"]
    if slower:
        typer.echo(f"slower: {', '.join(slower)}", err=True)
    if slower or failed:
        raise typer.Exit(1)


def _row(change: SpeedChange) -> dict[str, str]:
    return {
        "benchmark": change.name,
        "A": write_measured(change.before, change.unit),
        "B": write_measured(change.after, change.unit),
        "B / A": "" if change.ratio is None else f"{change.ratio:.2f}",
        "slower from": f"{change.threshold:.2f}",
        "verdict": change.verdict,
    }


def write_measured(value: float | None, unit: str) -> str:
    """Return what was measured, for people.

    >>> write_measured(0.0042, "seconds"), write_measured(1.23, "seconds"), write_measured(2e9, "bytes")
    ('4.2 ms', '1.23 s', '2,000 MB')
    >>> write_measured(None, "seconds"), write_measured(3.25, "seconds per 1,000 reviews")
    ('', '3.25 seconds per 1,000 reviews')
    """
    if value is None:
        return ""
    if unit == "seconds":
        return f"{value:.3g} s" if value >= 1 else f"{value * 1000:.3g} ms"
    return f"{value / 1e6:,.0f} MB" if unit == "bytes" else f"{value:.3g} {unit}"

"""The ``bench`` command: its groups, its version, its exit codes."""

from __future__ import annotations

import io
import os
import signal
import sys
from typing import Annotated, NoReturn

import typer

from bench.cli.claims import claims_app
from bench.cli.data import data_app, list_app
from bench.cli.generate import generate_app
from bench.cli.report import report_app
from bench.cli.run import run_app
from bench.cli.speed import speed_app
from bench.errors import BenchError
from bench.utils.escapes import visible

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Why use a GRU when there are traditional approaches? Run models under the same rules, and see.\n\n"
    "Example: bench run --models gru,hmm,logreg",
)
app.add_typer(run_app)
app.add_typer(report_app)
app.add_typer(generate_app)
app.add_typer(claims_app, name="claims")
app.add_typer(list_app, name="list")
app.add_typer(data_app, name="data")
app.add_typer(speed_app, name="speed")


def _print_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"bench {version('gru-bench')}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None: ...


def main() -> NoReturn:
    """Run the ``bench`` command; exit codes: 0 done, 1 a trial failed, 2 wrong usage, 3 no data, 130 interrupted."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # texts hold characters that a terminal's encoding may lack
    try:
        try:
            app()
        finally:
            sys.stdout.flush()
    except BenchError as error:
        typer.echo(visible(f"bench: {error}"), err=True)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)
    except OSError as error:
        if error.filename is not None:  # no trouble of standard output's, such as a reader that left or a full disk
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            typer.echo(f"bench: cannot write the output: {error.strerror}", err=True)
        sys.exit(1)
    sys.exit(0)

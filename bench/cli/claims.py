"""The commands under ``bench claims``."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bench.cli import options
from bench.cli.terminal import print_rows
from bench.errors import UsageError
from bench.utils.escapes import visible

if TYPE_CHECKING:
    from bench.claims.base import Claim
    from bench.claims.declaration import Profile
    from bench.claims.summary import Answered

claims_app = typer.Typer(
    no_args_is_help=True,
    help="Why use a GRU? Run the experiment of each claim, and judge it. Example: bench claims run --profile quick",
)

Wanted = Annotated[
    list[str] | None, typer.Argument(help="Numbers or names of claims. Default: all.", metavar="[CLAIM…]")
]
OneClaim = Annotated[str, typer.Argument(help="The number or name of a claim.", metavar="CLAIM")]
Folder = Annotated[
    Path, typer.Option("--output", help="The folder of claims, with a folder per profile in it.", metavar="DIR")
]
ProfileToRun = Annotated[
    str,
    typer.Option(
        "--profile",
        help="quick: about fifteen minutes, on imdb-dev. full: over seven hours, on imdb.",
        metavar="quick|full",
    ),
]
ProfileToShow = Annotated[
    str | None,
    typer.Option("--profile", help="Default: full if it has been run, else quick.", metavar="quick|full"),
]

CLAIMS_FOLDER = options.RESULTS / "claims"


@claims_app.command("list", epilog="Example: bench claims list")
def list_claims(output: Folder = CLAIMS_FOLDER, profile: ProfileToShow = None, as_json: options.AsJSON = False) -> None:
    """List the claims, and what has been found of each."""
    from bench.claims.registry import all_claims

    claims = all_claims()
    chosen = _shown_profile(claims, output, profile)
    found = {answered.claim.name: answered for answered in _judged(claims, output, chosen)} if chosen else {}
    print_rows([_list_row(claim, found.get(claim.name)) for claim in claims], as_json)


@claims_app.command(epilog="Example: bench claims run 1 nonlinearity --profile quick")
def run(
    wanted: Wanted = None,
    profile: ProfileToRun = "quick",
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with what is missing; nothing that is there runs again.")
    ] = False,
    data_dir: options.DataDir = None,
    output: Folder = CLAIMS_FOLDER,
) -> None:
    """Run the experiments of claims, all of them or those that are named, and judge each."""
    from bench.claims.registry import all_claims, find_claims
    from bench.claims.runner import make_setting, prepare, run_claims
    from bench.claims.store import check_profile, check_versions
    from bench.cli.claims_display import make_claims_display
    from bench.cli.terminal import ErrorConsole

    chosen = check_profile(profile)
    claims = find_claims(wanted or [])
    check_versions(all_claims(), output, chosen)  # what would be refused after the run, when all are judged together
    tasks = prepare(claims, make_setting(chosen, data_dir), output, resume=resume)
    try:
        with make_claims_display(ErrorConsole()) as display:
            run_claims(tasks, display, data_dir)
    except KeyboardInterrupt:
        place = ["--data-dir", shlex.quote(str(data_dir))] if data_dir else []
        command = _command(" ".join(["run", *(wanted or []), *place]), chosen, output)
        typer.echo(visible(f"interrupted; finished trials are kept, and this goes on: {command} --resume"), err=True)
        raise
    names = {claim.name for claim in claims}
    judged = [answered for answered in _judged(all_claims(), output, chosen) if answered.claim.name in names]
    _print_verdicts(judged)
    typer.echo(visible(f"saved in {output / chosen}; {_command('report', chosen, output)} makes the page"), err=True)
    if any(answered.n_failed for answered in judged):
        raise typer.Exit(1)


@claims_app.command(epilog="Example: bench claims show nonlinearity")
def show(
    wanted: OneClaim,
    profile: ProfileToShow = None,
    output: Folder = CLAIMS_FOLDER,
    as_json: options.AsJSON = False,
) -> None:
    """Show the verdict on a claim, and every contrast that it follows from."""
    from bench.claims.registry import all_claims, find_claims

    (claim,) = find_claims([wanted])
    claims = all_claims()
    chosen = _shown_profile(claims, output, profile)
    found = {answered.claim.name: answered for answered in _judged(claims, output, chosen)} if chosen else {}
    if claim.name not in found:
        with_profile = f" --profile {chosen}" if chosen else ""
        raise UsageError(
            f"claim {claim.name} has not been run{f' in the profile {chosen}' if chosen else ''}; bench claims run "
            f"{claim.name}{with_profile} does"
        )
    answered = found[claim.name]
    if as_json:
        typer.echo(json.dumps(answered.as_json()))
        return
    for line in answered.lines():
        typer.echo(visible(line))
    print_rows(answered.contrast_rows(), as_json=False)


@claims_app.command(epilog="Example: bench claims report")
def report(
    profile: ProfileToShow = None,
    output: Folder = CLAIMS_FOLDER,
    to: Annotated[
        Path | None, typer.Option("--to", help="The folder of the page. Default: that of the claims.", metavar="DIR")
    ] = None,
) -> None:
    """Write the page "Why use a GRU?": claims.html, one file that needs no network, and claims.md."""
    from bench.claims.page import write_page

    judged = _judged_or_refuse(output, profile)
    path = write_page(judged, to or output / judged[0].evidence.declared.profile)
    _print_verdicts(judged)
    typer.echo(visible(f"{path} and {path.with_suffix('.md').name}"), err=True)


@claims_app.command(epilog="Example: bench claims publish docs/claims")
def publish(
    to: Annotated[Path, typer.Argument(help="The folder to write into.", metavar="DIR")],
    profile: ProfileToShow = None,
    output: Folder = CLAIMS_FOLDER,
) -> None:
    """Write the runs that claims rest on, small enough for version control, and the page on all claims in the folder.

    Of each prediction the class alone is kept, which is all that verdicts need. Others judge them again with
    bench claims show --output DIR.
    """
    from bench.claims.publish import publish as write_all
    from bench.claims.registry import all_claims

    path = write_all(_judged_or_refuse(output, profile), all_claims(), to)
    typer.echo(visible(f"{path}, and the runs beside it"), err=True)


def _command(words: str, profile: Profile, output: Path) -> str:
    """Return a command on the claims of a folder, as a user would type it."""
    folder = "" if output == CLAIMS_FOLDER else f" --output {shlex.quote(str(output))}"
    return f"bench claims {words} --profile {profile}{folder}"


def _judged_or_refuse(output: Path, profile: str | None) -> list[Answered]:
    """Return the claims that have run; refuse if none has."""
    from bench.claims.registry import all_claims

    claims = all_claims()
    chosen = _shown_profile(claims, output, profile)
    judged = _judged(claims, output, chosen) if chosen else []
    if not judged:
        asked = f" --profile {chosen}" if chosen else ""
        place = output / chosen if chosen else output
        raise UsageError(f"no claim has been run into {place}; bench claims run{asked} does")
    return judged


def _shown_profile(claims: Sequence[Claim], output: Path, profile: str | None) -> Profile | None:
    """Return the profile that is asked for, else the longest one that has been run; None: none has."""
    from bench.claims.store import check_profile, ran_profiles

    if profile is not None:
        return check_profile(profile)
    return next(iter(ran_profiles(output, claims)), None)


def _judged(claims: Sequence[Claim], output: Path, profile: Profile) -> list[Answered]:
    from bench.claims.summary import answer_all

    return answer_all(claims, output, profile)


def _print_verdicts(judged: Sequence[Answered]) -> None:
    print_rows([answered.verdict_row() for answered in judged], as_json=False, empty="no claim has been run")


def _list_row(claim: Claim, answered: Answered | None) -> dict[str, Any]:
    return {
        "number": str(claim.number),
        "claim": claim.name,
        "what it says": claim.sentence,
        "verdict": answered.verdict_text if answered else "not run",
        "profile": answered.evidence.declared.profile if answered else "-",
    }

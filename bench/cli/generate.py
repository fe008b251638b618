"""The command that lets a model make up a piece of music: generate."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bench.cli import options
from bench.errors import OutputError, UsageError
from bench.utils.escapes import visible

generate_app = typer.Typer()


@generate_app.command(epilog="Example: bench generate ngrams --steps 64 --to chorale")
def generate(
    ctx: typer.Context,
    model: Annotated[str, typer.Argument(help="A model of next events: bench list models --task next-event.")],
    dataset: Annotated[str, typer.Option(help="Pieces to learn from.", metavar="NAME|PATH")] = "bach-chorales",
    steps: Annotated[int, typer.Option(help="Length in steps of a quarter.", metavar="N", min=1, max=10_000)] = 64,
    seed: Annotated[int, typer.Option(help="Another seed makes another piece.", metavar="N", min=0)] = 0,
    temperature: Annotated[
        float, typer.Option(help="Below 1: likely events are preferred still more.", metavar="T")
    ] = 1.0,
    tempo: Annotated[float, typer.Option(help="Quarters per minute.", metavar="Q", min=4, max=1000)] = 90.0,
    to: Annotated[Path, typer.Option(help="The files' name without an ending.", metavar="PATH")] = Path("chorale"),
    id_column: options.IdColumn = None,
    time_column: options.TimeColumn = None,
    value_column: options.ValueColumn = None,
    no_header: options.NoHeader = False,
    separator: options.Separator = None,
    encoding: options.Encoding = None,
) -> None:
    """Fit a model to pieces and let it make up another, as MIDI and as MusicXML.

    The events of a file of your own are MIDI numbers, a column per voice; 0 is a rest. It learns from the pieces that
    bench run would train on: a fifth of a file's is left for testing.
    """
    from bench.generate.midi import write_midi
    from bench.generate.score import write_musicxml
    from bench.running.generate import generate_pitches
    from bench.running.spec import make_spec

    if not temperature > 0:
        raise UsageError(f"--temperature {temperature:g} is out of range, expected a number over 0, such as 0.8")
    if not to.parent.is_dir():
        raise OutputError(f"--to {to}: there is no folder {to.parent}; make it, or name another")
    pitches = generate_pitches(
        model,
        dataset,
        file=make_spec(options.file_values(ctx)).file,
        n_steps=steps,
        seed=seed,
        temperature=temperature,
        note=lambda text: typer.echo(visible(text), err=True),
    )
    files = [to.with_name(f"{to.name}.{ending}") for ending in ("mid", "musicxml")]
    try:
        write_midi(files[0], pitches, 1, tempo)
        write_musicxml(files[1], pitches, 1, tempo, title=f"Made up by {model}")
    except OSError as error:
        raise OutputError(f"cannot write {error.filename or files[0]}: {error.strerror}; --to names another") from error
    typer.echo(visible(f"written: {files[0]} and {files[1]}"))

"""Provenance: in what runs differ that are compared."""

from __future__ import annotations

from collections.abc import Sequence

from bench.records import Manifest, RunFile
from bench.results.run import Run
from bench.utils.text import first_of


def provenance_notes(runs: Sequence[Run]) -> list[str]:
    """Return what a reader should know who compares what was measured in these runs."""
    files = [run.store.run for run in runs]
    code = [note for other in files[1:] for note in _code_differences(files[0], other)]
    resumed = [note for run in runs for note in (*_left_out(run), *_resumed_with(run))]
    load = load_notes(runs) if len(runs) > 1 else []
    return list(dict.fromkeys([*machine_notes(runs), *resumed, *code, *load]))


def machine_notes(runs: Sequence[Run]) -> list[str]:
    """Why seconds of these runs cannot be compared; none: they can."""
    between = [note for other in runs[1:] for note in _machine_differences(runs[0], other)]
    return [*(note for run in runs for note in _moved(run)), *between]


def _processors(run: Run) -> tuple[str, ...]:
    """Where the trials ran whose costs count."""
    found = dict.fromkeys(model for entry in run.entries if entry.good for model in entry.cpu_models)
    return tuple(found) or (run.store.run.manifest.cpu_model,)


def _moved(run: Run) -> list[str]:
    """Models without a trial on the processor that the others ran on."""
    began_on = run.store.run.manifest.cpu_model
    good = [entry for entry in run.entries if entry.good]
    moved = [entry for entry in good if entry.cpu_models != [began_on]]
    if len({tuple(entry.cpu_models) for entry in good}) < 2 and all(len(entry.cpu_models) == 1 for entry in moved):
        return []
    others = dict.fromkeys(model for entry in moved for model in entry.cpu_models if model != began_on)
    return [
        f"{', '.join(dict.fromkeys(entry.name for entry in moved))} of {run.name} ran on {' and on '.join(others)}, "
        f"which the run did not begin on ({began_on}): seconds of these and of others cannot be compared"
    ]


def _left_out(run: Run) -> list[str]:
    """Models of which some trials ran elsewhere, so that their costs do not count."""
    left_out = [
        f"{entry.name} {len(entry.timed)} of {len(entry.good)}"
        for entry in run.entries
        if len(entry.timed) < len(entry.good)
    ]
    if not left_out:
        return []
    began_on = run.store.run.manifest.cpu_model
    return [
        f"some trials of {run.name} ran on another processor: costs are those of the trials on {began_on} "
        f"({', '.join(left_out)}), scores those of all"
    ]


def load_notes(runs: Sequence[Run]) -> list[str]:
    """Return a note per run that was disturbed while it was timed."""
    return [
        f"the machine was busy with other work while {run.name} ran: its seconds are too long"
        for run in runs
        if any(m.load and m.load.is_busy for record in run.records if (m := record.measurements))
    ]


def _machine_differences(a: Run, b: Run) -> list[str]:
    notes = []
    before, after = a.store.run, b.store.run
    machines = (
        (", ".join(_processors(a)), ", ".join(_processors(b))),
        (str(before.manifest.n_processors), str(after.manifest.n_processors)),
    )
    if said := [f"{first} and {second}" for first, second in machines if first != second]:
        notes.append(
            f"{a.name} and {b.name} were made on other processors ({'; '.join(said)}): their seconds cannot be "
            "compared, and predictions may differ in their last digits"
        )
    if before.spec.threads != after.spec.threads:
        notes.append(
            f"{a.name} has {before.spec.threads} processors per trial, {b.name} {after.spec.threads}: their seconds "
            "cannot be compared"
        )
    return notes


def _code_differences(a: RunFile, b: RunFile) -> list[str]:
    notes = [f"other {difference}" for difference in _manifest_differences(a.manifest, b.manifest)]
    models = {model.name: model for model in b.models}
    shared = [(model, models[model.name]) for model in a.models if model.name in models]
    if code := [old.name for old, new in shared if old.source_sha256 != new.source_sha256]:
        notes.append(f"the code changed of {first_of(code, 8)}")
    if parameters := [old.name for old, new in shared if old.parameters != new.parameters]:
        notes.append(f"the default parameters changed of {first_of(parameters, 8)}")
    return notes


def _resumed_with(run: Run) -> list[str]:
    """With what else a run went on."""
    file = run.store.run
    found = [difference for later in file.resumed for difference in _manifest_differences(file.manifest, later)]
    return [f"{run.name} was resumed with other {difference}" for difference in dict.fromkeys(found)]


def _manifest_differences(m: Manifest, n: Manifest) -> list[str]:
    notes = []
    if m.platform != n.platform:
        notes.append(f"systems: {m.platform} and {n.platform}")
    if m.python_version != n.python_version:
        notes.append(f"versions: Python {m.python_version} → {n.python_version}")
    if switches := sorted({name for name, _ in set(m.environment.items()) ^ set(n.environment.items())}):
        notes.append(f"switches: {', '.join(switches)}")
    versions = {
        name: (m.packages.get(name, "none"), n.packages.get(name, "none"))
        for name in sorted({*m.packages, *n.packages})
    }
    if changed := [f"{name} {old} → {new}" for name, (old, new) in versions.items() if old != new]:
        notes.append(f"versions: {first_of(changed, 8)}")
    if m.git_commit != n.git_commit:
        notes.append(f"commits: {(m.git_commit or 'none')[:12]} and {(n.git_commit or 'none')[:12]}")
    return notes

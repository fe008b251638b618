"""How the plan of a claim may change after trials have run: it may grow, and its file says how and when."""

from __future__ import annotations

from typing import Any

from bench.claims.declaration import ClaimFile, Plan
from bench.records import RunSpec
from bench.utils.text import counted


def is_same_question(before: ClaimFile, refuted_if: str, margin: float, plan: Plan) -> bool:
    """Return whether a claim asks what it declared, or that and more of contrasts that are new.

    A condition that goes on with "and" is harder to meet, so that what was refuted under the shorter one need not be.
    The smallest differences that matter stay what they were.
    """
    margins = {(contrast.part, contrast.at, contrast.model): contrast.margin for contrast in plan.contrasts}
    if any(margins.get((old.part, old.at, old.model), old.margin) != old.margin for old in before.plan.contrasts):
        return False
    goes_on = refuted_if.startswith(before.refuted_if.rstrip(".") + ", and ")
    more = len(plan.contrasts) > len(before.plan.contrasts) and all(
        contrast in plan.contrasts for contrast in before.plan.contrasts
    )
    return before.margin == margin and (before.refuted_if == refuted_if or (goes_on and more))


def is_growth(before: Plan, now: Plan) -> bool:
    """Return whether all that ran under one plan belongs to another: experiments, models and seeds are only added."""
    specs = {experiment.name: experiment.spec for experiment in now.experiments}
    return all(
        experiment.name in specs and _is_grown(experiment.spec, specs[experiment.name])
        for experiment in before.experiments
    )


def _is_grown(before: RunSpec, now: RunSpec) -> bool:
    is_prefix = now.models[: len(before.models)] == before.models
    same = before.model_copy(update={"models": now.models, "seeds": now.seeds})
    return is_prefix and now.seeds >= before.seeds and same == now


def grow(declared: ClaimFile, now: ClaimFile, when: str, n_trials: int) -> ClaimFile:
    """Return a declaration with a plan and a condition that have grown, and a sentence on that.

    Parameters
    ----------
    declared : ClaimFile
    now : ClaimFile
        Its plan is a growth of the declared one (:func:`is_growth`), its condition the same or longer.
    when : str
        UTC, ISO 8601.
    n_trials : int
        How many had run.

    Examples
    --------
    >>> from bench.claims.declaration import Experiment
    >>> few = Experiment(name="reviews", spec=RunSpec(models=("gru", "logreg"), dataset="imdb", seeds=3))
    >>> many = Experiment(name="reviews", spec=RunSpec(models=("gru", "logreg"), dataset="imdb", seeds=5))
    >>> before, now = (Plan(experiments=(experiment,), contrasts=()) for experiment in (few, many))
    >>> is_growth(before, now), is_growth(now, before)
    (True, False)
    >>> declared = ClaimFile(
    ...     claim="small", version=1, profile="quick", sentence="", refuted_if="", margin=0.01, plan=before,
    ...     created_at="2026-01-01T00:00:00+00:00", bench_version="0.1.0",
    ... )
    >>> grown = declared.model_copy(update={"plan": now})
    >>> grow(declared, grown, "2026-01-02T00:00:00+00:00", 6).changes
    ('2026-01-02T00:00:00+00:00, when 6 trials had run: 5 seeds of reviews instead of 3',)
    """
    said = _changes(declared.plan, now.plan)
    if now.refuted_if != declared.refuted_if:
        said.append(f'what refutes it was "{declared.refuted_if}"')
    change = f"{when}, when {counted(n_trials, 'trial')} had run: {'; '.join(said)}"
    changes = (*declared.changes, change) if said else declared.changes  # the order alone is no change
    return declared.model_copy(update={"plan": now.plan, "refuted_if": now.refuted_if, "changes": changes})


def growth_of_run(before: RunSpec, now: RunSpec) -> dict[str, Any]:
    """Return what ``bench run --resume`` must be told of models and seeds to make a run what is declared now."""
    models = [f"+{model}" for model in now.models if model not in before.models]
    return ({"seeds": now.seeds} if now.seeds > before.seeds else {}) | ({"models": models} if models else {})


def _changes(before: Plan, now: Plan) -> list[str]:
    known = {experiment.name: experiment.spec for experiment in before.experiments}
    said: list[str] = []
    for experiment in now.experiments:
        name, spec = experiment.name, known.get(experiment.name)
        if spec is None:
            said.append(f"the run {name} added")
            continue
        if added := experiment.spec.models[len(spec.models) :]:
            said.append(f"{', '.join(added)} added to {name}")
        if experiment.spec.seeds > spec.seeds:
            said.append(f"{experiment.spec.seeds} seeds of {name} instead of {spec.seeds}")
    new = sum(contrast not in before.contrasts for contrast in now.contrasts)
    old = sum(contrast not in now.contrasts for contrast in before.contrasts)
    if new or old:
        said.append(f"{counted(new, 'contrast')} added, {old} left out")
    return said

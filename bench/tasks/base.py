"""What a task is: what X and y are, what a model must offer, how it predicts, and how its predictions are scored."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Protocol, Self

import numpy as np
import numpy.typing as npt

from bench.ragged import Int64Array
from bench.records import DatasetInfo, TaskName, TextLengths

AnyArray = npt.NDArray[Any]
BoolArray = npt.NDArray[np.bool_]
Float32Array = npt.NDArray[np.float32]
Float64Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Words:
    """How a task's things are called.

    Parameters
    ----------
    row, rows : str
        What is predicted one by one: "text", "texts".
    part, parts : str
        What a row's length counts: "token", "tokens".
    better, worse, best : str
        Of a model whose score is the better one: "more accurate", "less accurate", "most accurate".
    baseline : str
        What needs no model, and what a model has to be better than: "predicting the commonest class always".
    data : str
        What advice is about: "texts".
    """

    row: str
    rows: str
    part: str
    parts: str
    better: str
    worse: str
    best: str
    baseline: str
    data: str


@dataclass(frozen=True)
class Metric:
    """A score of a model's predictions.

    Parameters
    ----------
    field : str
        The column of ``summary.csv``, and the key in ``scores`` of a record.
    heading : str
        Of the table's column.
    best : {"max", "min"}
        Which is the best value.
    limits : pair of float
        What it cannot pass.
    unit : str
        Of a difference: "points", which are hundredths, or empty.
    marks_best : bool
        Whether tables mark the best value of a column.
    """

    field: str
    heading: str
    best: Literal["max", "min"] = "max"
    limits: tuple[float, float] = (0.0, 1.0)
    unit: str = ""
    marks_best: bool = True

    @property
    def larger_is_better(self) -> bool:
        """Whether the larger of two values is the better one."""
        return self.best == "max"

    def gain(self, difference: float) -> float:
        """Return a difference with the sign that makes a better score positive."""
        return difference if self.larger_is_better else -difference

    def write(self, value: float) -> str:
        """Return a value with three decimal places."""
        return f"{value:.3f}"

    @property
    def scale(self) -> float:
        """What a difference is multiplied by before it is written."""
        return 100.0 if self.unit == "points" else 1.0

    def write_number(self, difference: float, signed: bool = False) -> str:
        """Return a difference in its unit, without it.

        >>> Metric("accuracy", "accuracy", unit="points").write_number(0.0171, signed=True)
        '+1.7'
        """
        digits = 1 if self.unit == "points" else 3
        return f"{self.scale * difference:{'+' if signed else ''}.{digits}f}"

    def write_difference(self, difference: float) -> str:
        """Return a difference with its unit.

        >>> Metric("accuracy", "accuracy", unit="points").write_difference(0.0171)
        '1.7 points'
        """
        number = self.write_number(difference)
        if self.unit == "points" and abs(100 * difference) < 0.05:
            number = f"{100 * difference:.2f}"
        return f"{number} {self.unit or self.heading}"


class Predictions(ABC):
    """A model's predictions of all test rows, with the truth that they are scored by."""

    @property
    @abstractmethod
    def by_row(self) -> BoolArray | Float64Array:
        """The task's main score of each row, shape (n_test,): what statistics compare."""

    @property
    @abstractmethod
    def answers(self) -> AnyArray:
        """What the model said, without the truth: equal for two fits that predict the same."""

    @property
    def row_lengths(self) -> Int64Array | None:
        """Parts of each row, where the score may depend on them, shape (n_test,); None: not known."""
        return None

    @abstractmethod
    def measure(self, is_leaked: BoolArray) -> dict[str, float | None]:
        """Return all scores by name; None: not defined. ``is_leaked`` says which test rows are also in training."""

    @abstractmethod
    def arrays(self) -> dict[str, AnyArray]:
        """Return arrays of n_test rows, of one or two dimensions: what a file of predictions holds."""

    @classmethod
    @abstractmethod
    def from_arrays(cls, arrays: Mapping[str, AnyArray]) -> Self:
        """Return the predictions in the arrays that :meth:`arrays` gave.

        Raises
        ------
        KeyError
            One is missing.
        """

    @abstractmethod
    def has_truth_of(self, other: Self) -> bool:
        """Whether both are of the same test rows in the same order, as far as the truth tells."""

    def are_of(self, dataset: DatasetInfo) -> bool:
        """Whether these may be predictions of a dataset's test rows."""
        return len(self) == dataset.n_test

    def compact(self, *, keep_lengths: bool) -> Self:
        """Return what main scores need, in less space."""
        return self

    def __len__(self) -> int:
        """Return the number of test rows."""
        return len(self.by_row)


class TrialData(Protocol):
    """The data of a trial: what its model is given, and the truth, which it never sees."""

    @property
    def X_train(self) -> Any:
        """Training rows."""

    @property
    def y_train(self) -> Any:
        """What is to be learnt of them; None where it is in the rows themselves."""

    @property
    def X_test(self) -> Any:
        """Test rows."""

    @property
    def y_test(self) -> Any:
        """Their truth."""

    @property
    def is_leaked(self) -> BoolArray:
        """Which test rows also occur among the training rows."""

    @property
    def n_classes(self) -> int:
        """Classes of the dataset; 0 where there are none."""


class Task(ABC):
    """A task. Its instances hold no state."""

    name: ClassVar[TaskName]
    summary: ClassVar[str]
    """One line for ``bench list tasks``."""
    words: ClassVar[Words]
    metric: ClassVar[Metric]
    """The main score, which statistics compare."""
    others: ClassVar[tuple[Metric, ...]] = ()
    has_classes: ClassVar[bool] = False
    has_sizes: ClassVar[bool] = True
    """Whether a part of the training rows can be drawn (``--train-size``)."""
    methods: ClassVar[tuple[str, ...]]
    """A model has one of these beside ``fit``, and the first that it has is called."""
    predictions: ClassVar[type[Predictions]]

    def check_model(self, model: Any) -> None:
        """Refuse a model that cannot predict, which is known before it is fitted.

        Raises
        ------
        TypeError
        """
        if not any(hasattr(model, method) for method in self.methods):
            which = "no" if len(self.methods) == 1 else "neither"
            raise TypeError(f"{type(model).__name__} has {which} {' nor '.join(self.methods)}")

    def fit(self, model: Any, data: TrialData) -> None:
        """Fit a model: this is timed."""
        model.fit(data.X_train, data.y_train)

    def check_fitted(self, model: Any, data: TrialData) -> None:  # noqa: B027 - most tasks have nothing to check
        """Refuse a fitted model that breaks the task's contract.

        Raises
        ------
        ValueError
        """

    @abstractmethod
    def predict(self, model: Any, data: TrialData) -> Predictions:
        """Predict all test rows: this is timed.

        Raises
        ------
        ValueError, TypeError
            What the model returns is not what it should be.
        """

    @abstractmethod
    def predict_row(self, model: Any, data: TrialData, row: int) -> None:
        """Predict one test row: its latency is measured."""

    def lengths(self, X: Any) -> Int64Array:
        """Return the parts of each row, shape (n_rows,)."""
        lengths: Int64Array = X.lengths
        return lengths

    def count_rows(self, X: Any) -> int:
        """Return how much there is to learn from, in what a learning curve counts."""
        return len(X)

    def measure_lengths(self, X: Any) -> TextLengths:
        """Measure the rows of one side of the split."""
        return describe_lengths(self.lengths(X), 0)

    def baseline(self, dataset: DatasetInfo) -> float | None:
        """Return the score that a model has to pass; None: not known."""
        return dataset.baseline

    def write_score(self, score: float, rows: str) -> str:
        """Return a main score in words, such as "90.6 % of 25,000 test texts right".

        Parameters
        ----------
        score : float
        rows : str
            The test rows, counted: "25,000 test texts".
        """
        return f"a {self.metric.heading} of {self.metric.write(score)} on {rows}"

    def write_ends(self, low: float, high: float) -> str:
        """Return both ends of an interval as :meth:`write_score` writes the score."""
        return f"{self.metric.write(low)} to {self.metric.write(high)}"


def describe_lengths(lengths: Int64Array, n_unknown: int) -> TextLengths:
    """Summarise lengths of rows, at least one, of which so many parts are unknown.

    >>> describe_lengths(np.array([0, 2, 4]), 2)
    TextLengths(p10=0.4, p50=2.0, p90=3.6, mean=2.0, n_short=1, unknown_share=0.3333)
    """
    p10, p50, p90 = np.percentile(lengths, [10, 50, 90]).tolist()
    return TextLengths(
        p10=round(p10, 1),
        p50=p50,
        p90=round(p90, 1),
        mean=round(float(lengths.mean()), 2),
        n_short=int(np.count_nonzero(lengths <= 1)),
        unknown_share=round(n_unknown / max(1, int(lengths.sum())), 4),
    )

"""What a reader should know before believing a run: each check a class with a code, a severity and advice."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from bench.records import DatasetInfo, Measurements
from bench.report.examples import Suspects
from bench.results.analysis import Analysis
from bench.results.entries import Entry
from bench.stats.intervals import wilson_interval
from bench.tasks.base import Words
from bench.utils.text import counted, first_of, short

Severity = Literal["warning", "note"]


@dataclass(frozen=True)
class Evidence:
    """What checks look at.

    Parameters
    ----------
    analysis : Analysis
    suspects : Suspects or None
    """

    analysis: Analysis
    suspects: Suspects | None

    @property
    def dataset(self) -> DatasetInfo:
        """The data."""
        return self.analysis.dataset

    @property
    def words(self) -> Words:
        """How the task calls its rows."""
        return self.analysis.task.words

    @property
    def entries(self) -> Sequence[Entry]:
        """All models with all numbers of training rows."""
        return self.analysis.entries

    @property
    def measured(self) -> list[tuple[Entry, Measurements]]:
        """All good trials."""
        return [(entry, m) for entry in self.entries for m in entry.measured]

    @property
    def largest(self) -> list[Measurements]:
        """Good trials with the most training rows."""
        size = max((m.n_train for _, m in self.measured), default=0)
        return [m for _, m in self.measured if m.n_train == size]


@dataclass(frozen=True)
class Finding:
    """What a check found."""

    code: str
    title: str
    severity: Severity
    text: str
    advice: str


class Check(ABC):
    """One thing to look for."""

    code: ClassVar[str]
    title: ClassVar[str]
    severity: ClassVar[Severity] = "warning"
    advice: ClassVar[str]

    @abstractmethod
    def find(self, evidence: Evidence) -> str | None:
        """Return what is there, in a sentence; None: nothing."""


class RepeatedTexts(Check):
    code, title, severity = "D1", "repeated {rows}", "note"
    advice = "A repeated training {row} counts more than once; repeated test {rows} make intervals a little too narrow."

    def find(self, evidence: Evidence) -> str | None:
        train, test = evidence.dataset.n_repeated_train, evidence.dataset.n_repeated_test
        if not train and not test:
            return None
        return f"{counted(train or 0, 'training row')} and {counted(test or 0, 'test row')} repeat an earlier one."


class SeenTexts(Check):
    code, title = "D2", "test {rows} that are in training"
    advice = "A model may have memorised them: weigh the score without them, or remove them from the data."

    def find(self, evidence: Evidence) -> str | None:
        most = max((m.n_test_seen or 0 for _, m in evidence.measured), default=evidence.dataset.n_test_in_train or 0)
        if not most:
            return None
        size = max((entry.n_train for entry in evidence.entries if entry.good), default=0)
        without = [
            f"{entry.name} {unseen:.4f} instead of {entry.score:.4f}"
            for entry in evidence.entries
            if entry.good and entry.n_train == size and (unseen := _unseen(entry)) is not None
        ]
        than = f" Without them: {', '.join(without)}." if without else ""
        have = counted(most, "test row has", "test rows have")
        return f"{have}, of {evidence.dataset.n_test:,}, a {evidence.words.row} that is in training too.{than}"


def _unseen(entry: Entry) -> float | None:
    return entry.mean(f"{entry.task.metric.field}_unseen") if entry.task.has_classes else None


class TwoLabels(Check):
    code, title = "D3", "{rows} with two labels"
    advice = "No model can get all of their rows right: decide which label is meant."

    def find(self, evidence: Evidence) -> str | None:
        n = evidence.dataset.n_two_label_texts
        return f"{counted(n, 'text has', 'texts have')}, in different rows, more than one label." if n else None


class Imbalance(Check):
    code, title = "D4", "unequal classes"
    advice = "Accuracy rewards answering the commonest class: weigh F1 (the mean over classes) and the confusion too."
    times = 3.0

    def find(self, evidence: Evidence) -> str | None:
        names, counts = evidence.dataset.class_names, evidence.dataset.train_counts
        if not names:
            return None
        most, least = int(np.argmax(counts)), int(np.argmin(counts))
        if counts[most] < self.times * counts[least]:
            return None
        share = evidence.dataset.test_counts[most] / evidence.dataset.n_test
        return (
            f"{short(names[most])} has {counted(counts[most], 'training row')} and {short(names[least])} "
            f"{counts[least]:,}: answering {short(names[most])} always would reach an accuracy of {share:.3f}."
        )


class Lengths(Check):
    code, title = "D5", "test {rows} of another length"
    advice = (
        "Scores depend on length, so the test rows may not be representative of the training rows, or of your {rows}."
    )
    share = 0.2

    def find(self, evidence: Evidence) -> str | None:
        if evidence.dataset.task == "forecast":
            return None  # origins move on: each has more before it
        words = evidence.words
        for m in evidence.largest:
            train, test = m.train_lengths, m.test_lengths
            if train and test and abs(test.p50 - train.p50) > self.share * max(train.p50, 1):
                return (
                    f"The median test {words.row} has {test.p50:,.0f} {words.parts}, the median training {words.row} "
                    f"{train.p50:,.0f}."
                )
        return None


class UnknownWords(Check):
    code, title = "D6", "unknown words"
    advice = "What they say is lost to every model: more training rows know more, and so does the open division."
    share = 0.1

    def find(self, evidence: Evidence) -> str | None:
        shares = [m.test_lengths.unknown_share for m in evidence.largest if m.test_lengths]
        if not shares or max(shares) < self.share:
            return None
        return f"{max(shares):.0%} of the tokens of the test texts are words outside the vocabulary."


class ShortTexts(Check):
    code, title = "D7", "texts of hardly any token"
    advice = (
        "Tokens are words between spaces and punctuation: a language without spaces, emoji or bare numbers give "
        "hardly any. Look at the texts, and split them into words before they come here."
    )
    share, mean = 0.05, 2.0

    def find(self, evidence: Evidence) -> str | None:
        if evidence.dataset.task != "classification":
            return None
        for m in evidence.largest:
            if not (train := m.train_lengths) or not (test := m.test_lengths):
                continue
            n_short, n_rows = train.n_short + test.n_short, m.n_train + m.n_test
            if n_short >= self.share * n_rows or train.mean < self.mean:
                return (
                    f"{n_short:,} of {counted(n_rows, 'text')} have one token or none; a training text has "
                    f"{train.mean:.1f} tokens on average."
                )
        return None


class SuspectLabels(Check):
    code, title, severity = "D8", "labels that most models contradict", "note"
    advice = (
        "Candidates for wrong labels, or hard texts: read them above. Of IMDB's test labels, about 2.9 % are disputed "
        "(Northcutt et al. 2021). Models of one kind err alike, so their agreeing says less."
    )

    def find(self, evidence: Evidence) -> str | None:
        if (found := evidence.suspects) is None or not found.n_rows:
            return None
        return (
            f"More than half of the models, all with the same prediction, contradict the label of "
            f"{counted(found.n_rows, 'test row')} ({found.n_rows / evidence.dataset.n_test:.1%}); all of them do for "
            f"{found.n_unanimous:,}."
        )


class FewTestRows(Check):
    code, title, severity = "D9", "few test rows", "note"
    advice = "Only large differences can be shown: keep more rows for testing."
    n_rows = 500

    def find(self, evidence: Evidence) -> str | None:
        n_test = evidence.dataset.n_test
        if n_test >= self.n_rows:
            return None
        if not evidence.analysis.task.has_classes:
            return f"There are {counted(n_test, 'test row')}."
        low, high = wilson_interval(round(0.85 * n_test), n_test)
        return f"With {counted(n_test, 'test row')}, an accuracy of 0.85 has an interval from {low:.2f} to {high:.2f}."


class FewerRows(Check):
    code, title = "M1", "models that saw fewer rows"
    advice = "Compare models on the same number of training rows."

    def find(self, evidence: Evidence) -> str | None:
        sizes: dict[int, set[str]] = {}
        for entry in evidence.entries:
            if entry.good:
                sizes.setdefault(entry.n_train, set()).add(entry.name)
        everyone = set().union(*sizes.values())
        lacking = [
            f"{', '.join(sorted(everyone - names))} not on {counted(size, 'training row')}"
            for size, names in sorted(sizes.items())
            if everyone - names
        ]
        return f"Not every model was trained on the same rows: {'; '.join(lacking)}." if lacking else None


class SingleSeed(Check):
    code, title = "M2", "one seed of a model that depends on it"
    advice = "Another seed gives other predictions: --seeds 3 shows how much, --seeds 10 also how often one model wins."

    def find(self, evidence: Evidence) -> str | None:
        single = [entry.name for entry in evidence.entries if entry.varies and len(entry.good) == 1]
        return f"{first_of(list(dict.fromkeys(single)), 8)}: one seed each." if single else None


class LoadedMachine(Check):
    code, title = "M3", "a busy machine"
    advice = "Their seconds and rates are too slow: run them again with nothing else running. Accuracy is not touched."
    waiting = 1.5
    """Processes a processor, on average over the minute before a fit, that the trial before cannot have been alone."""

    def find(self, evidence: Evidence) -> str | None:
        loads = [(entry.name, m.load) for entry, m in evidence.measured if m.load]
        busy = [(name, max(load.others_share, load.steal_share)) for name, load in loads if load.is_busy]
        if busy:
            names = first_of(list(dict.fromkeys(name for name, _ in busy)), 8)
            return (
                f"While {names} learnt and predicted, other processes or the machine's host took up to "
                f"{max(share for _, share in busy):.0%} of the processors' time."
            )
        n_processors = max((record.threads for entry in evidence.entries for record in entry.good), default=1)
        averages = [load.load_average or 0.0 for _, load in loads]
        if averages and max(averages) > self.waiting * n_processors:
            return (
                f"Before a fit, {max(averages):.1f} processes ran or waited for {n_processors} processors on average."
            )
        return None


class NoBetterThanGuessing(Check):
    code, title = "M4", "models that are no better than the baseline"
    advice = "Look at the data and at the model's parameters: it learnt nothing that counts."

    def find(self, evidence: Evidence) -> str | None:
        guess, task = evidence.analysis.baseline, evidence.analysis.task
        poor = [
            f"{entry.name} ({task.metric.write(entry.score)})"
            for entry in evidence.entries
            if entry.good and not evidence.analysis.passes_baseline(entry)
        ]
        if not poor or guess is None:
            return None
        how = "answering one class always" if task.has_classes else task.words.baseline
        return f"{first_of(poor, 8)}: {how} would reach {task.metric.write(guess)}."


class FailedTrials(Check):
    code, title = "M5", "failed trials"
    advice = "bench show RUN --errors prints what they wrote last; bench run --resume RUN runs them again."

    def find(self, evidence: Evidence) -> str | None:
        failed = [
            f"{record.trial.label} ({record.status}{f': {record.reason}' if record.reason else ''})"
            for entry in evidence.entries
            for record in entry.failed
        ]
        return f"{first_of(failed, 4)}." if failed else None


class MissingTrials(Check):
    code, title = "M7", "trials that have not run"
    advice = "What the report says holds for the others only: bench run --resume RUN goes on."

    def find(self, evidence: Evidence) -> str | None:
        missing = [trial.label for trial in evidence.analysis.missing]
        return f"{first_of(missing, 8)}." if missing else None


class ModelWarnings(Check):
    code, title, severity = "M6", "warnings of models", "note"
    advice = "They were raised while the model learnt or predicted; its documentation says what they mean."

    def find(self, evidence: Evidence) -> str | None:
        said = {
            f"{entry.name}: {short(warning)}"
            for entry in evidence.entries
            for record in entry.good
            for warning in record.warnings
        }
        return f"{first_of(sorted(said), 4)}." if said else None


CHECKS: tuple[type[Check], ...] = (
    RepeatedTexts,
    SeenTexts,
    TwoLabels,
    Imbalance,
    Lengths,
    UnknownWords,
    ShortTexts,
    SuspectLabels,
    FewTestRows,
    FewerRows,
    SingleSeed,
    LoadedMachine,
    NoBetterThanGuessing,
    FailedTrials,
    MissingTrials,
    ModelWarnings,
)


def find_all(evidence: Evidence) -> list[Finding]:
    """Return what the checks find, warnings first."""
    named = {"row": evidence.words.row, "rows": evidence.words.rows}
    found = [
        Finding(check.code, check.title.format_map(named), check.severity, text, check.advice.format_map(named))
        for check in CHECKS
        if (text := check().find(evidence)) is not None
    ]
    return sorted(found, key=lambda finding: finding.severity != "warning")

"""The part of claim 6 on tasks other than the classification of texts: speech, series, music, letters to sounds."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bench.claims.candidates import GRU
from bench.claims.declaration import Contrast, Experiment, Setting, side, sides
from bench.parameters import write_name
from bench.records import RunSpec

SPEECH, SPEAKERS, FORECASTS, MUSIC, SOUNDS = (
    "speech: spoken digits, by training recordings",
    "speech: speakers told by a vowel",
    "time series, by series",
    "music: the next chord of a chorale, by training pieces",
    "transduction: letters to sounds, by training words",
)
MASE_MARGIN, NATS_MARGIN = 0.05, 0.05
"""The smallest differences that matter: a twentieth of the mean change over a season, and of a nat per step."""

SERIES = ("beer", "co2", "el-nino", "electrical-equipment", "electricity-demand", "seattle-temperature", "sunspots")


@dataclass(frozen=True)
class _Part:
    """The contrasts of one dataset: the GRU against traditional models, with several numbers of training rows."""

    name: str
    slug: str
    dataset: str
    rivals: tuple[str, ...]
    sizes: tuple[int | None, ...] = (None,)
    rows: str = "rows"
    all_rows: int | None = None
    at: str = "all rows"
    margin: float | None = None
    seeds: int = 5
    seeds_of_fewer: int = 5
    """With fewer than all training rows."""
    gru: str = GRU

    def experiments(self) -> list[Experiment]:
        """Return a run per number of training rows: those that draw rows and those that take all differ in seeds."""
        return [
            Experiment(
                name=f"{self.slug}-{size or 'all'}" if len(self.sizes) > 1 else self.slug,
                spec=RunSpec(
                    models=(self.gru, *self.rivals),
                    dataset=self.dataset,
                    seeds=self.seeds if size is None else self.seeds_of_fewer,
                    train_size=() if size is None else (size,),
                ),
            )
            for size in self.sizes
        ]

    def contrasts(self) -> list[Contrast]:
        """Return a contrast per number of training rows."""
        found = []
        for experiment, size in zip(self.experiments(), self.sizes, strict=True):
            n_rows = size or self.all_rows
            found.append(
                Contrast(
                    part=self.name,
                    at=f"{n_rows:,} {self.rows}" if n_rows else self.at,
                    x=n_rows,
                    model=side(experiment, self.gru, size),
                    rivals=sides(experiment, self.rivals, size),
                    margin=self.margin,
                )
            )
        return found


def plan_other_tasks(setting: Setting) -> tuple[list[Experiment], list[Contrast], list[str]]:
    """Return the trials and contrasts on the data that are installed, and notes on what is left out."""
    parts = _full_parts() if setting.is_full else _quick_parts()
    here = [part for part in parts if setting.is_available(part.dataset)]
    missing = [part.dataset for part in parts if part not in here]
    less = (
        "fewer training rows, steps of training, seeds and data sets of speech, series and music; letters and sounds, "
        "with 12,000 test words, are left out of the quick profile"
    )
    notes = [] if setting.is_full else [less]
    if missing:
        notes.append(
            f"not installed, and left out: {', '.join(missing)}; pip install 'gru-bench[speech,aeon,forecast,music,"
            "transduction]' brings them"
        )
    experiments = [experiment for part in here for experiment in part.experiments()]
    return experiments, [contrast for part in here for contrast in part.contrasts()], notes


def _full_parts() -> list[_Part]:
    speech = ("dtw", "hmm", "logreg", "svm")
    series = ("arima", "ets", "ridge", "seasonal-naive", "theta")
    return [
        _Part(SPEECH, "digits", "spoken-digits", speech, (100, 300, 1_000, None), "recordings", 2_400),
        _Part(SPEAKERS, "vowels", "japanese-vowels", speech, at="270 utterances"),
        *(_Part(FORECASTS, name, name, series, at=name, margin=MASE_MARGIN) for name in SERIES),
        _Part(
            MUSIC,
            "chorales",
            "bach-chorales",
            ("hmm", "logreg", "ngrams"),
            (30, 100, None),
            "pieces",
            270,
            margin=NATS_MARGIN,
            seeds_of_fewer=3,
        ),
        _Part(
            SOUNDS,
            "sounds",
            "cmudict",
            ("hmm", "joint-ngrams"),
            (3_000, 20_000, None),
            "words",
            112_926,
            seeds_of_fewer=3,
        ),
    ]


def _quick_parts() -> list[_Part]:
    parts = [
        _Part(SPEECH, "digits", "spoken-digits", ("logreg", "svm"), (300,), "recordings", gru=_trained_for(30)),
        _Part(FORECASTS, "co2", "co2", ("ridge", "seasonal-naive", "theta"), at="co2", margin=MASE_MARGIN),
        _Part(
            MUSIC, "chorales", "bach-chorales", ("ngrams",), (20,), "pieces", margin=NATS_MARGIN, gru=_trained_for(30)
        ),
    ]
    return [replace(part, seeds=2, seeds_of_fewer=2) for part in parts]


def _trained_for(epochs: int) -> str:
    return write_name(GRU, {"max_epochs": epochs})

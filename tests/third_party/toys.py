"""Models and a dataset of a third party, which tests install."""

import atexit
import json
import os
import signal
import subprocess
import sys
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np


class Words:
    """Counts words a class, is quick, and inherits nothing."""

    def __init__(self, smoothing: float = 1.0, random_state: int = 0):
        self.smoothing = smoothing
        self.random_state = random_state

    def get_params(self, deep=True):
        names = type(self).__init__.__code__.co_varnames[1 : type(self).__init__.__code__.co_argcount]
        return {name: getattr(self, name) for name in names}

    def set_params(self, **parameters):
        vars(self).update(parameters)
        return self

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        self.history_ = []
        ids, rows = X.token_ids.values, np.repeat(np.arange(len(X)), X.token_ids.lengths)
        size = len(X.vocabulary)
        counts = [np.bincount(ids[y[rows] == label], minlength=size) + self.smoothing for label in self.classes_]
        noise = np.random.default_rng(self.random_state).normal(scale=0.05, size=(len(counts), size))
        self.log_ = np.log(np.array(counts) / np.sum(counts, axis=1, keepdims=True)) + noise
        self.history_.append({"step": 1, "steps": 1, "seconds": 0.01})
        self.n_parameters_ = self.log_.size
        return self

    def predict_proba(self, X):
        if not len(X):
            return np.empty((0, len(self.classes_)))
        per_token = self.log_[:, X.token_ids.values]
        scores = np.add.reduceat(per_token, X.token_ids.offsets[:-1], axis=1).T
        scores = np.exp(scores - scores.max(axis=1, keepdims=True))
        return scores / scores.sum(axis=1, keepdims=True)


class Steady(Words):
    """Takes a seed and makes no use of it."""

    def fit(self, X, y):
        given, self.random_state = self.random_state, 0
        super().fit(X, y)
        self.random_state = given
        return self


class Kept(Words):
    """Can be saved."""

    def save(self, path):
        path.write_text(json.dumps({"classes": self.classes_.tolist(), "log": self.log_.tolist()}))

    @classmethod
    def load(cls, path):
        model, saved = cls(), json.loads(path.read_text())
        model.classes_, model.log_ = np.array(saved["classes"]), np.array(saved["log"])
        return model


class Plain(Words):
    """Knows no seed."""

    def __init__(self, smoothing: float = 1.0):
        super().__init__(smoothing)


class Wrong(Words):
    """Does wrong in ``fit`` what its parameter names."""

    def __init__(self, how: str = "fail", random_state: int = 0):
        super().__init__(1.0, random_state)
        self.how = how

    def fit(self, X, y):
        self.parent = os.getpid()
        getattr(self, self.how.replace("-", "_"))()
        history = getattr(self, "history_", [])
        super().fit(X, y)
        self.history_ = history + self.history_
        return self

    def fail(self):
        raise RuntimeError("this model cannot learn")

    def warn(self):
        warnings.warn("a strange step", stacklevel=1)

    def chatter(self):
        print('{"status": "ok"}')
        subprocess.run(["echo", "not a message"])

    def tidy(self):
        atexit.register(Path(os.environ["TOY_NOTE"]).write_text, "tidied")

    def segfault(self):
        print("last words", file=sys.stderr, flush=True)
        os.kill(os.getpid(), signal.SIGSEGV)

    def kill(self):
        os.kill(os.getpid(), signal.SIGKILL)

    def leave(self):
        os._exit(3)

    def sleep(self):
        subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        time.sleep(600)

    def stubborn(self):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        time.sleep(600)

    def allocate(self):
        self.hoard = []
        while True:
            self.hoard.append(np.ones(2_000_000))
            time.sleep(0.02)

    def hold(self):
        self.hoard = np.ones(25_000_000)

    def child_allocates(self):
        subprocess.run([sys.executable, "-c", "x = b'1' * 900_000_000; import time; time.sleep(600)"])

    def memory_error(self):
        raise MemoryError

    def fork_and_die(self):
        if os.fork() == 0:
            time.sleep(600)
        os.kill(os.getpid(), signal.SIGKILL)

    def read(self):
        assert subprocess.run(["cat"], capture_output=True).stdout == b""

    def odd_words(self):
        raise RuntimeError("caf\udce9 \x1b]0;title\x07")

    def odd_history(self):
        self.history_ = [{"step": "1", "steps": 3, "seconds": 1.0, "loss": np.ones(2)}, "no entry"]
        time.sleep(0.6)
        self.predict_proba = lambda X: np.full((len(X), 3), 1 / 3)

    def share(self):
        self.block = np.ones(40_000_000)
        children = [os.fork() for _ in range(4) if os.getpid() == self.parent]
        if os.getpid() != self.parent:
            time.sleep(600)
        time.sleep(1)
        for child in children:
            os.kill(child, signal.SIGKILL)

    def half(self):
        self.predict_proba = lambda X: np.full((len(X), 3), 0.2)

    def nan(self):
        self.predict_proba = lambda X: np.full((len(X), 3), np.nan)

    def spin(self):
        end = time.time() + 1.0
        a = np.ones((700, 700))

        def work(_):
            while time.time() < end:
                a @ a

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(work, range(4)))


class Slow(Words):
    """Waits before it learns, and says so."""

    def __init__(self, seconds: float = 1.0, random_state: int = 0):
        super().__init__(1.0, random_state)
        self.seconds = seconds

    def fit(self, X, y):
        time.sleep(self.seconds)
        return super().fit(X, y)


class Toy:
    """240 training and 90 test texts of three topics, made up."""

    name = "toy"
    summary = "made-up texts"

    def is_at_hand(self, data_dir):
        return True

    def load(self, data_dir):
        from bench.datasets.base import Part, TextDataset

        topics = ["sun warm beach swim", "snow cold ski ice", "rain wet cloud storm"]
        generator = np.random.default_rng(int(os.environ.get("TOY_VERSION", "1")))

        def part(n):
            labels = np.arange(n) % 3
            words = ["the", "a", "of", "and", "so", "it", "then"] * 3
            texts = [" ".join(generator.choice(words + topics[k].split(), generator.integers(2, 30))) for k in labels]
            return Part([*texts[:-1], ""], labels)

        return TextDataset("toy", part(240), part(90), ("sun", "snow", "rain"), "made up")


def pipeline(C: float = 1.0):
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_pipeline
    from sklearn.svm import LinearSVC

    return make_pipeline(TfidfVectorizer(), LinearSVC(C=C))


class Means:
    """Takes the class whose mean frame is nearest: for series."""

    def get_params(self, deep=True):
        return {}

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        means = self._means(X)
        self.centres_ = np.array([means[y == label].mean(axis=0) for label in self.classes_])
        return self

    def predict_proba(self, X):
        distances = ((self._means(X)[:, None] - self.centres_) ** 2).sum(axis=2)
        scores = np.exp(distances.min(axis=1, keepdims=True) - distances)
        return scores / scores.sum(axis=1, keepdims=True)

    @staticmethod
    def _means(X):
        return np.array([frames.mean(axis=0) for frames in X])


class LastSeason:
    """Repeats the last season: for forecasts."""

    def get_params(self, deep=True):
        return {}

    def fit(self, X, y):
        return self

    def predict(self, X):
        return np.array([np.resize(past[-X.season_length :], X.horizon) for past in X])


class Shares:
    """Gives each token its share in the training pieces: for events."""

    def get_params(self, deep=True):
        return {}

    def fit(self, X, y):
        counts = np.bincount(X.tokens.values, minlength=X.n_symbols) + 1
        self.shares_ = counts / counts.sum()
        return self

    def token_log_probabilities(self, X):
        return np.log(self.shares_[X.tokens.values])

    def next_probabilities(self, X):
        return np.tile(self.shares_, (len(X), 1))


class Upper:
    """Answers in capitals: for pairs."""

    def get_params(self, deep=True):
        return {}

    def fit(self, X, y):
        return self

    def predict(self, X):
        return [tuple(symbol.upper() for symbol in row) for row in X]

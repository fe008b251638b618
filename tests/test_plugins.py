"""A third party's model in a package of its own: checked, installed, and run by name."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

PYPROJECT = """
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"

[project]
name = "bench-lexicon"
version = "2.3"

[project.entry-points."bench.models"]
lexicon = "bench_lexicon:Lexicon"

[tool.setuptools]
py-modules = ["bench_lexicon"]
"""

MODULE = """
import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin


class Lexicon(ClassifierMixin, BaseEstimator):
    \"\"\"The share of a text's words that each class used in training.\"\"\"

    def __init__(self, smoothing: float = 1.0):
        self.smoothing = smoothing

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        rows = np.repeat(y, X.token_ids.lengths)
        counts = [np.bincount(X.token_ids.values[rows == c], minlength=len(X.vocabulary)) for c in self.classes_]
        self.weights_ = (np.array(counts) + self.smoothing) / (np.sum(counts, axis=0) + self.smoothing * len(counts))
        return self

    def predict_proba(self, X):
        if not len(X):
            return np.empty((0, len(self.classes_)))
        sums = np.add.reduceat(self.weights_[:, X.token_ids.values], X.token_ids.offsets[:-1], axis=1).T
        return sums / sums.sum(axis=1, keepdims=True)
"""

CHECK = """
from bench.testing import check_model
from bench_lexicon import Lexicon

check_model(Lexicon())
"""


def test_a_package_with_a_model_is_checked_installed_and_run_by_name(tmp_path: Path, home: Path) -> None:
    package = tmp_path / "package"
    package.mkdir()
    (package / "pyproject.toml").write_text(PYPROJECT)
    (package / "bench_lexicon.py").write_text(MODULE)

    # A new environment, which sees what is installed here (bench and its dependencies) and has the new package besides.
    environment = tmp_path / "environment"
    _run(sys.executable, "-m", "venv", "--without-pip", str(environment))
    python = environment / "bin" / "python"
    site = Path(_run(str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip())
    (site / "here.pth").write_text(f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})\n")
    _run(
        *(sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps"),
        *("--no-build-isolation", "--disable-pip-version-check", str(package)),
    )

    _run(str(python), "-P", "-c", CHECK)
    listed = _run(str(python), "-P", "-m", "bench", "list", "models")
    assert "bench-lexicon 2.3" in listed
    done = _run(
        *(str(python), "-P", "-m", "bench", "run", "--models", "lexicon[smoothing=2],naive-bayes"),
        *("--dataset", "rotten-tomatoes", "--train-size", "500", "--no-report", "--name", "mine"),
    )
    assert "lexicon[smoothing=2]" in done
    assert "bench-lexicon" in (home / "results" / "mine" / "run.json").read_text()


def _run(*command: str) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout

"""TensorFlow and forks do not mix (case B01): workers are new interpreters, whatever the parent has done."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SESSION = """
import tensorflow as tf

tf.linalg.matmul(tf.ones((64, 64)), tf.ones((64, 64)))
import bench

options = {"dataset": "toy", "report": False}
run = bench.run("imports_tf:Model", **options)
print(run.summary[["model", "status"]].to_csv(index=False))
limit = 2 * run.records[0].total_seconds + 2
run = bench.run("forks:Model", time_limit=limit, **options)
print(run.summary[["model", "status"]].to_csv(index=False))
"""

IMPORTS_TF = """
import numpy as np

class Model:
    def __init__(self, n: int = 1):
        self.n = n
    def get_params(self, deep=True):
        return {"n": self.n}
    def set_params(self, **parameters):
        return self
    def fit(self, X, y):
        import tensorflow as tf

        tf.linalg.matmul(tf.ones((64, 64)), tf.ones((64, 64)))
        self.classes_ = np.unique(y)
        return self
    def predict_proba(self, X):
        return np.full((len(X), 3), 1 / 3)
"""

FORKS = """
import os
from imports_tf import Model as Base

def work():
    import tensorflow as tf

    tf.linalg.matmul(tf.ones((1000, 1000)), tf.ones((1000, 1000))).numpy()

class Model(Base):
    def fit(self, X, y):
        work()
        if (child := os.fork()) == 0:
            work()
            os._exit(0)
        os.waitpid(child, 0)
        return super().fit(X, y)
"""


@pytest.mark.usefixtures("toys")
def test_a_session_that_used_tensorflow_can_run_models_and_one_that_hangs_is_timed_out(home: Path) -> None:
    (home / "imports_tf.py").write_text(IMPORTS_TF)
    (home / "forks.py").write_text(FORKS)
    done = subprocess.run([sys.executable, "-c", SESSION], capture_output=True, text=True, check=True, timeout=280)
    assert "imports_tf:Model,ok" in done.stdout
    # A fork after TensorFlow hangs on most versions; where it does not, the trial is good.
    assert "forks:Model,timed out: over the time limit of" in done.stdout or "forks:Model,ok" in done.stdout

"""The traditional models."""

from __future__ import annotations

from . import common


class LogReg(common.Counting):
    model = "logreg"


class HMM(common.Counting):
    model = "hmm"

"""How fast the machine itself is while it measures: the seconds that the clock of the benchmarks is corrected by."""

from __future__ import annotations

from . import clock


class Reference:
    """The fixed calculations of ``clock.py``, in seconds of the wall clock."""

    version = "1"
    param_names = ("calculation",)
    params = (("recurrence", "counting", "process"),)
    number, repeat, rounds = 1, (10, 50, 3.0), 2

    def setup(self, calculation: str) -> None:
        self.work = getattr(clock, calculation)().reference.work

    def time_reference(self, calculation: str) -> None:
        self.work()

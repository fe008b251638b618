"""bench: why use a GRU when there are traditional approaches? A benchmark harness that answers with evidence."""

from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bench.api import load_run, run
    from bench.results.run import Run

__all__ = ["Run", "__version__", "load_run", "run"]

try:
    __version__ = version("gru-bench")
except PackageNotFoundError:  # a checkout that is not installed
    __version__ = "0+unknown"


_HOMES = {"Run": "bench.results.run", "load_run": "bench.api", "run": "bench.api"}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'bench' has no attribute {name!r}")

"""bench: why use a GRU when there are traditional approaches? A benchmark harness that answers with evidence."""

from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bench.harness import run
    from bench.results import Run, load_run

__all__ = ["Run", "__version__", "load_run", "run"]

try:
    __version__ = version("gru-bench")
except PackageNotFoundError:  # a checkout that is not installed
    __version__ = "0+unknown"


def __getattr__(name: str) -> Any:
    if name == "run":
        from bench.harness import run

        return run
    if name in ("Run", "load_run"):
        from bench import results

        return getattr(results, name)
    raise AttributeError(f"module 'bench' has no attribute {name!r}")

"""bench: why use a GRU when there are traditional approaches? A benchmark harness that answers with evidence."""

from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bench.harness import Run, run

__all__ = ["Run", "__version__", "run"]

try:
    __version__ = version("gru-bench")
except PackageNotFoundError:  # a checkout that is not installed
    __version__ = "0+unknown"


def __getattr__(name: str) -> Any:
    if name in ("Run", "run"):
        from bench import harness

        return getattr(harness, name)
    raise AttributeError(f"module 'bench' has no attribute {name!r}")

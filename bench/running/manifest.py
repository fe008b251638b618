"""The manifest: where and with what a run was made, without naming a host, a user or a folder of theirs."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import re
import subprocess
from collections.abc import Iterable
from pathlib import Path

import psutil

from bench.records import DatasetInfo, Manifest, ModelInfo
from bench.running.resources import cpu_model, processors, utc_now
from bench.utils.paths import scrub

_SWITCHES = (
    "CUDA_VISIBLE_DEVICES",
    "KERAS_BACKEND",
    "LD_PRELOAD",
    "MALLOC_ARENA_MAX",
    "MKL_CBWR",
    "MKL_DEBUG_CPU_TYPE",
    "MKL_DYNAMIC",
    "NPY_DISABLE_CPU_FEATURES",
    "NVIDIA_TF32_OVERRIDE",
    "ONEDNN_DEFAULT_FPMATH_MODE",
    "ONEDNN_MAX_CPU_ISA",
    "OPENBLAS_CORETYPE",
    "TF_CUDNN_DETERMINISTIC",
    "TF_DETERMINISTIC_OPS",
    "TF_ENABLE_ONEDNN_OPTS",
    "TF_XLA_FLAGS",
    "XLA_FLAGS",
)


def make_manifest(
    dataset: DatasetInfo, models: Iterable[ModelInfo], command_line: Iterable[str], data_dir: str | None
) -> Manifest:
    """Return the manifest of a run that starts now."""
    return Manifest(
        created_at=utc_now(),
        command_line=tuple(scrub(argument, data_dir) for argument in command_line),
        bench_version=package_version(),
        git_commit=git_commit(),
        python_version=platform.python_version(),
        platform=platform.platform(),
        cpu_model=cpu_model(),
        n_processors=len(processors()),
        memory_mb=round(psutil.virtual_memory().total / 1e6),
        environment={name: scrub(os.environ[name], data_dir) for name in sorted(_SWITCHES) if name in os.environ},
        packages=_versions(models),
        dataset=dataset,
    )


def package_version() -> str:
    """Return the installed version of this package."""
    try:
        return importlib.metadata.version("gru-bench")
    except importlib.metadata.PackageNotFoundError:  # a checkout that is not installed
        return "0+unknown"


def git_commit() -> str | None:
    """Return the commit that this package runs from, ``-dirty`` if its files were changed; None outside a checkout."""
    root = Path(__file__).parents[2]
    if not (root / ".git").exists():
        return None
    try:
        commit = _git(root, "rev-parse", "HEAD")
        dirty = _git(root, "status", "--porcelain", "--untracked-files=no", "--", "bench", "models", "pyproject.toml")
    except (OSError, subprocess.SubprocessError):
        return None
    return f"{commit}-dirty" if dirty else commit


def _git(root: Path, *arguments: str) -> str:
    return subprocess.run(
        ["git", "-C", str(root), *arguments], capture_output=True, text=True, check=True, timeout=10
    ).stdout.strip()


def _versions(models: Iterable[ModelInfo]) -> dict[str, str]:
    """Versions of what bench requires, and of the packages that the models come from."""
    lines = [line for line in importlib.metadata.requires("gru-bench") or [] if "extra ==" not in line]
    required = [re.split(r"[^A-Za-z0-9._-]", line)[0] for line in lines]
    names = {*required, *(model.package for model in models if model.package)}
    versions = {}
    for name in sorted(names):
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return versions

"""One file from the network: checked, whole or not at all, and with a quick answer where there is no network."""

from __future__ import annotations

import queue
import sys
import threading
from pathlib import Path

from bench.errors import DataError

ANSWER_SECONDS = 8.0
"""With the program's own start, the user is told within ten seconds that there is no network."""
STALL_SECONDS = 30.0

OTHER_WAYS = (
    "Check the network (or HTTPS_PROXY) and try again; or bring the archive from elsewhere and name its folder with "
    "--data-dir or BENCH_DATA_DIR; or use --dataset imdb-dev, which needs no download."
)


def download(url: str, target: Path, md5: str | None = None, answer_seconds: float = ANSWER_SECONDS) -> None:
    """Get ``url`` as ``target``, unless a file with this MD5 is already there; None: whatever it holds.

    Raises
    ------
    bench.errors.DataError
        The server does not answer, the content differs, or the folder cannot be written; ``target`` is as it was.
    """
    import pooch
    import requests

    downloader = pooch.HTTPDownloader(
        progressbar=sys.stderr.isatty(),
        chunk_size=1 << 16,
        timeout=(answer_seconds, STALL_SECONDS),
        headers={"Accept-Encoding": "identity"},  # else a server may have its .gz unpacked on the way
    )
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if md5 is not None and target.exists() and pooch.file_hash(target, alg="md5") == md5:
            return
        _await_answer(url, answer_seconds)
        new = target.with_name(f".{target.name}.new")
        new.unlink(missing_ok=True)  # what is there would be taken for it
        if md5 is None:
            pooch.get_logger().setLevel("WARNING")  # it would tell the user to name a hash
        pooch.retrieve(url, md5 and f"md5:{md5}", new.name, new.parent, downloader=downloader)
        new.replace(target)
    except requests.RequestException as error:
        raise DataError(f"{url} could not be downloaded: {_root_cause(error)}. {OTHER_WAYS}") from error
    except ValueError as error:
        raise DataError(f"{url} is not the expected file: {error} {OTHER_WAYS}") from error
    except OSError as error:
        raise DataError(
            f"{target} cannot be written: {error}. Free space there, or name another folder with BENCH_CACHE_DIR."
        ) from error


def _await_answer(url: str, limit_seconds: float) -> None:
    """Ask for the headers. In a thread that may be left behind, since name resolution takes no time-out."""
    import requests

    answer: queue.SimpleQueue[Exception | None] = queue.SimpleQueue()

    def ask() -> None:
        try:
            requests.head(url, allow_redirects=True, timeout=limit_seconds)
            answer.put(None)
        except Exception as error:  # whatever it is, it is raised again below
            answer.put(error)

    threading.Thread(target=ask, daemon=True).start()
    try:
        error = answer.get(timeout=limit_seconds)
    except queue.Empty:
        raise requests.Timeout(f"no answer within {limit_seconds:g} seconds") from None
    if error is not None:
        raise error


def _root_cause(error: BaseException) -> BaseException:
    """Return the first of a chain of errors; the later ones repeat it with objects' addresses."""
    while earlier := error.__cause__ or (None if error.__suppress_context__ else error.__context__):
        error = earlier
    return error

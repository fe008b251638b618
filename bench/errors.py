"""What a user can do wrong, each with the exit code that the command line ends with."""


class BenchError(Exception):
    """An error that is the user's to settle: its text names the value, what was expected and the next step."""

    exit_code = 2


class UsageError(BenchError):
    """A wrong name, parameter, option or file."""


class OutputError(BenchError):
    """The run folder cannot be made, written or read."""


class DataError(BenchError):
    """The data are not to be had, or are not what they claim to be."""

    exit_code = 3


SHOWN_NAMES = 40


def suggestion(name: str, known: list[str]) -> str:
    """A sentence that offers the closest known name, or lists them all.

    >>> suggestion("gruu", ["gru", "hmm"])
    'did you mean gru?'
    >>> suggestion("svm", ["gru", "hmm"])
    'known: gru, hmm'
    """
    import difflib

    by_lower = {word.lower(): word for word in known}
    close = difflib.get_close_matches(name.lower(), by_lower, n=1)
    if close:
        return f"did you mean {by_lower[close[0]]}?"
    more = f" and {len(known) - SHOWN_NAMES:,} more" if len(known) > SHOWN_NAMES else ""
    return "known: " + ", ".join(known[:SHOWN_NAMES]) + more

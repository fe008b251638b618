"""What a user can do wrong, each with the exit code that the command line ends with."""


class BenchError(Exception):
    """An error that is the user's to settle: its text names the value, what was expected and the next step."""

    exit_code = 2


class UsageError(BenchError):
    """A wrong name, parameter, option or file."""


class OutputError(BenchError):
    """The run folder cannot be made, written or read."""


class DataError(BenchError):
    """The data are unavailable, or are not what they claim to be."""

    exit_code = 3

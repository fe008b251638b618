"""Data files of installed packages, which are read as data; the packages are never imported."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from bench.errors import DataError


@dataclass(frozen=True)
class PackageFile:
    """A data file that comes with a package.

    Parameters
    ----------
    package, version : str
        The package as pip names it, and the version whose file is expected.
    path : str
        Of the file within the installation, with forward slashes.
    n_bytes : int
    sha256 : str
        Of the whole file, hexadecimal.
    extra : str
        The extra of gru-bench that installs the package.
    """

    package: str
    version: str
    path: str
    n_bytes: int
    sha256: str
    extra: str

    @property
    def requirement(self) -> str:
        """Name and version of the package, as pip takes them."""
        return f"{self.package}=={self.version}"

    def is_at_hand(self) -> bool:
        """Whether the file is installed; it may still be another one than expected."""
        try:
            return self.find().is_file()
        except (DataError, OSError):
            return False

    def find(self) -> Path:
        """Return where the file is installed.

        Raises
        ------
        bench.errors.DataError
            The package is not installed.
        """
        try:
            return Path(str(distribution(self.package).locate_file(self.path)))
        except PackageNotFoundError as error:
            raise DataError(
                f"the package {self.package} is not installed; `pip install 'gru-bench[{self.extra}]'` installs it"
            ) from error

    def read(self) -> bytes:
        """Return the content of the file, verified.

        Raises
        ------
        bench.errors.DataError
            The package is not installed, or its file cannot be read or is not the expected one.
        """
        path = self.find()
        try:
            content = path.read_bytes()
        except OSError as error:
            raise DataError(f"{path} cannot be read ({error}); {self._repair()}") from error
        found = hashlib.sha256(content).hexdigest()
        if (len(content), found) != (self.n_bytes, self.sha256):
            raise DataError(
                f"{path} is not the file of {self.requirement}: found {len(content):,} bytes with sha256 "
                f"{found[:16]}…, expected {self.n_bytes:,} with {self.sha256[:16]}…; {self._repair()}"
            )
        return content

    def _repair(self) -> str:
        return f"`pip install --force-reinstall --no-deps {self.requirement}` puts it right"

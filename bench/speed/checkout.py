"""The git checkout whose commits are measured."""

from __future__ import annotations

import importlib.util
import re
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bench.errors import UsageError
from bench.utils.text import shown

CONFIG = "asv.conf.json"


@dataclass(frozen=True)
class Checkout:
    """A git checkout of this project.

    Parameters
    ----------
    root : Path
    """

    root: Path

    @property
    def results(self) -> Path:
        """The committed history, a folder per kind of machine."""
        return self.root / "results" / "asv"

    @property
    def scratch(self) -> Path:
        """What is not committed: environments, pages, comparisons."""
        return self.root / ".asv"

    def commits(self, names: Iterable[str]) -> list[str]:
        """Return the hashes of commits, branches, tags, and of ranges such as ``main~5..main``, each once.

        Raises
        ------
        UsageError
            There is none.
        """
        hashes = [hash for name in names for hash in self._range(name)]
        return list(dict.fromkeys(hashes))

    def commit(self, name: str) -> str:
        """Return the hash of one commit, branch or tag; UsageError if it does not exist."""
        found = self._git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        if found is None:
            raise UsageError(
                f"{shown(name)} is no commit of {self.root}; expected a hash, a branch or a tag: see git log --oneline"
            )
        return found

    def _range(self, name: str) -> list[str]:
        if ".." not in name:
            return [self.commit(name)]
        first, last = (self.commit(end or "HEAD") for end in re.split(r"\.{2,3}", name, maxsplit=1))
        hashes = (self._git("rev-list", "--first-parent", "--reverse", f"{first}..{last}") or "").split()
        if not hashes:
            raise UsageError(f"{shown(name)} has no commit; expected OLDER..NEWER")
        return hashes

    def twin(self, commit: str) -> str:
        """Return a commit of the same files, which asv measures as another one. No branch holds it."""
        by = ("-c", "user.name=bench", "-c", "user.email=bench@localhost")
        made = self._git(*by, "commit-tree", f"{commit}^{{tree}}", "-p", commit, "-m", "the same files")
        if made is None:
            raise UsageError(f"git cannot write into {self.root}; a commit is measured against itself by a copy of it")
        return made

    def title(self, commit: str) -> str:
        """Return a commit as a reader knows it."""
        return self._git("log", "-1", "--format=%h %s", commit) or commit[:8]

    @property
    def branch(self) -> str:
        """The branch whose history is shown: main, or what is checked out where that is not on main."""
        return "HEAD" if self._git("merge-base", "--is-ancestor", "HEAD", "refs/heads/main") is None else "main"

    def history(self) -> set[str]:
        """Return the commits that are shown."""
        return set((self._git("rev-list", "--first-parent", self.branch) or "").split())

    @property
    def has_changes(self) -> bool:
        """Whether files that are measured differ from the last commit. The benchmarks are taken as they are."""
        files = ("bench", "models", "pyproject.toml", ":(exclude)bench/speed/benchmarks")
        return bool(self._git("status", "--porcelain", "--untracked-files=no", "--", *files))

    @property
    def web_commits(self) -> str:
        """The address of a commit's page, without its hash; "#" where the origin is on no web server."""
        return web_address(self._git("remote", "get-url", "origin") or "")

    def _git(self, *arguments: str) -> str | None:
        done = subprocess.run(["git", *arguments], cwd=self.root, capture_output=True, text=True, check=False)
        return None if done.returncode else done.stdout.strip()


def web_address(origin: str) -> str:
    """Where a web server shows the commits of a remote repository.

    >>> web_address("git@github.com:someone/bench.git")
    'https://github.com/someone/bench/commit/'
    >>> web_address("https://user:secret@example.org/bench.git"), web_address("/srv/bench")
    ('https://example.org/bench/commit/', '#')
    """
    server = r"(?:https?://|ssh://|git://)?(?:[^@/]*@)?(\w[\w.-]*\.\w+)(?::\d+)?"
    found = re.fullmatch(rf"{server}[:/](.+?)(?:\.git)?/?", origin)
    return f"https://{found[1]}/{found[2]}/commit/" if found else "#"


def find_checkout(folder: Path) -> Checkout:
    """Return the checkout that a folder is in, else the one that this package is installed from.

    Raises
    ------
    UsageError
        There is no checkout, or asv or git is not installed.
    """
    package = Path(__file__).parents[2]
    for root in (folder.resolve(), *folder.resolve().parents, package):
        if (root / CONFIG).is_file() and (root / ".git").exists():
            break
    else:
        raise UsageError(
            f"{folder.resolve()} is in no git checkout with {CONFIG}: commits are what bench speed measures; clone the "
            "repository and work in it"
        )
    if importlib.util.find_spec("asv") is None:
        raise UsageError("asv is not installed; the extra speed brings it: pip install -e '.[speed]'")
    try:
        subprocess.run(["git", "--version"], capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        raise UsageError("git is not installed; commits are what bench speed measures") from None
    return Checkout(root)

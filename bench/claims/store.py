"""Claims on disk: a folder per profile, in it a folder per claim with ``claim.json`` and a run per experiment."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from pydantic import ValidationError

from bench.claims.base import Claim
from bench.claims.declaration import PROFILES, SCHEMA_VERSION, ClaimFile, Profile
from bench.errors import OutputError, UsageError
from bench.results.store import lock_folder
from bench.utils.files import write_text
from bench.utils.text import suggestion

CLAIM_FILE = "claim.json"


def check_profile(name: str) -> Profile:
    """Return a profile's name, if there is one of this name.

    Raises
    ------
    UsageError
    """
    found = next((profile for profile in PROFILES if profile == name), None)
    if found is None:
        raise UsageError(f"unknown profile {name!r}: {suggestion(name, PROFILES)}")
    return found


def claim_folder(output: Path, profile: Profile, claim: str) -> Path:
    """Return the folder of a claim, which may not exist."""
    return output / profile / claim


def write_claim(folder: Path, declared: ClaimFile) -> None:
    """Write ``claim.json``, whole or not at all.

    Raises
    ------
    OutputError
        It cannot be written.
    """
    with output_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        write_text(folder / CLAIM_FILE, declared.model_dump_json(indent=1, exclude_defaults=True) + "\n")


def read_claim(folder: Path) -> ClaimFile | None:
    """Return what ``claim.json`` declares; None: there is none.

    Raises
    ------
    OutputError
        It is damaged, or of a newer schema.
    """
    file = folder / CLAIM_FILE
    try:
        value = json.loads(file.read_bytes())
        version = value.setdefault("schema_version", SCHEMA_VERSION)
        if version > SCHEMA_VERSION:
            raise OutputError(
                f"{file} has schema version {version}, this bench reads up to {SCHEMA_VERSION}; update gru-bench"
            )
        return ClaimFile.model_validate(value)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, AttributeError, TypeError, ValidationError) as error:
        raise OutputError(f"{file} is damaged ({str(error).partition(chr(10))[0]})") from error


def check_version(claim: Claim, declared: ClaimFile, folder: Path) -> None:
    """Refuse what an older version of a claim ran: its verdict is no verdict on the claim of now.

    Raises
    ------
    UsageError
    """
    if (declared.claim, declared.version) != (claim.name, claim.version):
        raise UsageError(
            f"{folder} holds version {declared.version} of the claim {declared.claim}, here is version "
            f"{claim.version} of {claim.name}: their verdicts are not mixed; remove that folder, or name another with "
            "--output, and run the claim again"
        )


def check_versions(claims: Sequence[Claim], output: Path, profile: Profile) -> None:
    """Refuse a folder in which a claim of an older version was run: verdicts are of all claims together.

    Raises
    ------
    UsageError
    OutputError
        The file of a claim is damaged.
    """
    for claim in claims:
        folder = claim_folder(output, profile, claim.name)
        if (declared := read_claim(folder)) is not None:
            check_version(claim, declared, folder)


def check_free(folder: Path) -> None:
    """Refuse a folder that holds something else than a claim; what an interrupted write left is hidden.

    Raises
    ------
    OutputError
    """
    with output_errors(folder):
        if folder.exists() and any(not path.name.startswith(".") for path in folder.iterdir()):
            raise OutputError(f"{folder} holds something, but no {CLAIM_FILE}; name another folder with --output")


@contextmanager
def lock_claim(folder: Path) -> Iterator[str | None]:
    """Keep a claim's folder while its trials run; yield a warning where the file system has no locks.

    Raises
    ------
    OutputError
        Another process holds it, or it cannot be written.
    """
    taken = f"another bench is running the claim in {folder}; wait until it has ended"
    with ExitStack() as stack:
        with output_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
            warning = stack.enter_context(lock_folder(folder, taken))
        yield warning


def ran_profiles(output: Path, claims: Sequence[Claim]) -> list[Profile]:
    """Return the profiles that a claim was run with, the longer one first.

    Raises
    ------
    OutputError
        The folder cannot be looked into.
    """
    with output_errors(output):
        return [
            profile
            for profile in reversed(PROFILES)
            if any((claim_folder(output, profile, claim.name) / CLAIM_FILE).exists() for claim in claims)
        ]


@contextmanager
def output_errors(folder: Path) -> Iterator[None]:
    """Turn what the system says of a folder into the user's words.

    Raises
    ------
    OutputError
    """
    try:
        yield
    except OSError as error:
        raise OutputError(
            f"cannot use {error.filename or folder}: {error.strerror}; name another folder with --output"
        ) from error

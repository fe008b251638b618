"""Claims by name or number: entry points of the group ``bench.claims``."""

from __future__ import annotations

from collections.abc import Sequence

from bench.claims.base import Claim
from bench.errors import UsageError
from bench.registry import CLAIMS, find, registered
from bench.utils.text import first_of

WORDS = {
    "name": str, "number": int, "version": int, "title": str, "sentence": str, "refuted_if": str, "margin": float,
    "method": str, "limits": str,
}  # fmt: skip
"""What each claim says of itself."""


def all_claims() -> list[Claim]:
    """Return all claims that are installed, by number.

    Raises
    ------
    UsageError
        One cannot be imported, or is no claim.
    """
    claims = [load_claim(entry.name) for entry in registered(CLAIMS)]
    return sorted(claims, key=lambda claim: (claim.number, claim.name))


def load_claim(name: str) -> Claim:
    """Return the claim of this name.

    Raises
    ------
    UsageError
        There is none, it cannot be imported, or it is no claim.
    """
    entry = find(CLAIMS, name)
    package = f" of the package {entry.dist.name} {entry.dist.version}" if entry.dist else ""
    try:
        claim = entry.load()()
    except Exception as error:  # a package of a third party may raise anything
        raise UsageError(
            f"claim {name!r} ({entry.value}{package}) cannot be imported: {type(error).__name__}: {error}; correct, "
            "reinstall or remove that package"
        ) from error
    if not isinstance(claim, Claim):
        raise UsageError(
            f"claim {name!r} ({entry.value}{package}) is {type(claim).__name__}, expected a subclass of "
            "bench.claims.base.Claim"
        )
    if lacking := [word for word in WORDS if not isinstance(getattr(claim, word, None), WORDS[word])]:
        raise UsageError(
            f"claim {name!r} ({entry.value}{package}) has no {', '.join(lacking)}; see bench.claims.base.Claim"
        )
    if claim.name != name:
        raise UsageError(
            f"claim {name!r} ({entry.value}{package}) calls itself {claim.name!r}; let both names be equal"
        )
    return claim


def find_claims(wanted: Sequence[str]) -> list[Claim]:
    """Return the claims that names and numbers stand for, each once, in the order given; all if there are none.

    Raises
    ------
    UsageError
        A name or number is unknown (the text has a suggestion).
    """
    if not wanted:
        return all_claims()
    return list({claim.name: claim for claim in map(_find_claim, wanted)}.values())


def _find_claim(wanted: str) -> Claim:
    if not wanted.isdecimal():
        return load_claim(wanted)
    claims = all_claims()
    found = [claim for claim in claims if claim.number == int(wanted)]
    if not found:
        known = first_of([f"{claim.number} ({claim.name})" for claim in claims], 20)
        raise UsageError(f"unknown claim {wanted}: known: {known}")
    if len(found) > 1:
        raise UsageError(f"claim {wanted} is one of {', '.join(claim.name for claim in found)}; name the one you mean")
    return found[0]

"""Modules that need a package of an extra which is not installed are not searched for doctests."""

from importlib.util import find_spec

NEEDED = {"models/kernel/minirocket.py": "aeon", "models/nearest/dtw.py": "dtaidistance"}

collect_ignore = [path for path, package in NEEDED.items() if find_spec(package) is None]

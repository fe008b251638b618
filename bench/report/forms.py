"""The forms in which a table can be had."""

from typing import Literal

Format = Literal["table", "csv", "json", "md", "latex"]

"""Pairs of a source and its target, both rows of symbols: what models of transduction learn from."""

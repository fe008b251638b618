"""The history of speed: what ``bench speed`` does with asv, whose benchmarks are in ``bench/speed``."""

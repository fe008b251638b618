"""Datasets that are made from a seed, each with its best possible accuracy known: a file per task."""

"""Nearest neighbours: models that compare series with those they were given."""

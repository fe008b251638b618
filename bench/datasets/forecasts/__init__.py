"""Time series that come with installed packages: a source per series, a module per package."""

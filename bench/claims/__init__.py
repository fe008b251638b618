"""Why use a GRU? Claims, each with an experiment and a verdict: a file per claim."""

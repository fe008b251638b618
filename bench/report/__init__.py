"""Tables, figures and pages: what a run's records say, for people and for other programs."""

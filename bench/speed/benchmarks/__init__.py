"""How fast the models and the harness are, for asv: `bench speed run` measures, `bench speed publish` shows."""

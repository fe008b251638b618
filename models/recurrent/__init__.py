"""Recurrent networks: GRU, LSTM and the notebook's GRU, with their own training loop."""

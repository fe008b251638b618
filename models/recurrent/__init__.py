"""Recurrent networks: GRU, LSTM and the notebook's GRU, with a training loop of their own."""

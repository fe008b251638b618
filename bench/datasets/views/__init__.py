"""Datasets made of other datasets: the same texts shortened, shuffled, spelt in characters, or fewer of them."""

"""The IMDB setup: its archive or folder, and the cache of verified reviews."""

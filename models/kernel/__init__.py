"""Kernel machines on few numbers per text."""

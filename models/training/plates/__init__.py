"""Plates: a generator of every kind (GA 36), what a camera does to them, and the training of the reader."""

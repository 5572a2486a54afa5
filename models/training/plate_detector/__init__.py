"""How the plate detector is trained: see README.md."""

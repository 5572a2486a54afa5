"""Door cycles composed of lifts and visitors that were rendered apart: to measure with, and to train on."""

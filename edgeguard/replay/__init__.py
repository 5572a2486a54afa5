"""Recorded video and labelled pictures through the same stages, and the scores."""

"""Detections -> Tracks."""

from edgeguard.trackers.greedy import GreedyTracker, TrackerConfig

__all__ = ["GreedyTracker", "TrackerConfig"]

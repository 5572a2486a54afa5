"""EdgeGuard: what a good guard would do, on cheap boxes and the cameras a compound already has."""

__version__ = "0.1.0"

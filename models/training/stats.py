"""What a share of n trials is worth."""

from math import sqrt


def wilson(hits: int, n: int, z: float = 1.96) -> tuple[float, float]:
    """The Wilson score interval of hits out of n, 95 % by default; (0, 1) where nothing was tried.

    Wilson, E. B. (1927), Journal of the American Statistical Association 22. Raises ValueError unless 0 <= hits <= n.
    """
    if not 0 <= hits <= n:
        raise ValueError(f"hits must lie in 0..{n}, got {hits}")
    if n == 0:
        return 0.0, 1.0
    share, weight = hits / n, z * z / n
    middle = (share + weight / 2) / (1 + weight)
    half = z / (1 + weight) * sqrt(share * (1 - share) / n + weight / (4 * n))
    return max(0.0, middle - half), min(1.0, middle + half)


def told(hits: int, n: int) -> str:
    """'11/15 = 0.73 (0.48-0.89)'."""
    if n == 0:
        return "0/0"
    low, high = wilson(hits, n)
    return f"{hits}/{n} = {hits / n:.2f} ({low:.2f}-{high:.2f})"

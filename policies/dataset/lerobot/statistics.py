"""Per-episode statistics in LeRobot's form, and their combination.

Source of both: ``compute_stats.py`` of lerobot 0.4.4. Every entry contains min, max, mean, std (of the population),
count (frames) and five quantiles; pixels are scaled to [0, 1] and have shape (3, 1, 1).
"""

from __future__ import annotations

import numpy as np

Stats = dict[str, np.ndarray]

QUANTILES = {"q01": 0.01, "q10": 0.10, "q50": 0.50, "q90": 0.90, "q99": 0.99}
PIXEL_STEP = 4  # every fourth pixel in each direction: LeRobot subsamples images, too


def vector_stats(values: np.ndarray) -> Stats:
    """Compute statistics over frames.

    Args:
        values: (t, d) or (t,) numbers or booleans.

    Returns:
        Arrays of shape (d,), or (1,) for (t,) values; count has shape (1,).
    """
    table = np.asarray(values, dtype=np.float64).reshape(len(values), -1)  # (t, d)
    quantiles = np.quantile(table, list(QUANTILES.values()), axis=0)  # (5, d)
    return {
        "min": table.min(axis=0),
        "max": table.max(axis=0),
        "mean": table.mean(axis=0),
        "std": table.std(axis=0),
        "count": np.array([len(table)]),
        **dict(zip(QUANTILES, quantiles, strict=True)),
    }


def image_stats(pixels: np.ndarray) -> Stats:
    """Compute statistics per colour channel of (t, H, W, 3) uint8 frames from histograms: (3, 1, 1) in [0, 1]."""
    sample = pixels[:, ::PIXEL_STEP, ::PIXEL_STEP]
    levels = np.arange(256) / 255.0
    channels = []
    for channel in range(3):
        counts = np.bincount(sample[..., channel].reshape(-1), minlength=256)
        share = counts / counts.sum()
        below = np.cumsum(share)
        present = np.flatnonzero(counts)
        mean = float(share @ levels)
        channels.append(
            {
                "min": levels[present[0]],
                "max": levels[present[-1]],
                "mean": mean,
                "std": float(np.sqrt(share @ (levels - mean) ** 2)),
                **{name: levels[min(255, int(np.searchsorted(below, q)))] for name, q in QUANTILES.items()},
            }
        )
    stats = {name: np.array([c[name] for c in channels]).reshape(3, 1, 1) for name in channels[0]}
    return stats | {"count": np.array([len(pixels)])}


def merge_stats(first: Stats, second: Stats) -> Stats:
    """Combine the statistics of two sets of frames.

    Exact except for the quantiles, which are averages weighted by count, as in LeRobot.
    """
    n, m = int(first["count"][0]), int(second["count"][0])
    share = m / (n + m)
    mean = first["mean"] + (second["mean"] - first["mean"]) * share
    variance = sum(
        weight * (part["std"] ** 2 + (part["mean"] - mean) ** 2)
        for weight, part in ((1 - share, first), (share, second))
    )
    return {
        "min": np.minimum(first["min"], second["min"]),
        "max": np.maximum(first["max"], second["max"]),
        "mean": mean,
        "std": np.sqrt(variance),
        "count": np.array([n + m]),
        **{name: first[name] * (1 - share) + second[name] * share for name in QUANTILES},
    }

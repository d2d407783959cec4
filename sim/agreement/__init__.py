"""How well offline metrics predict success: measures of agreement, and their judgement over a population of units."""

from sim.statistics.ranking import correlation, mmrv, pairwise_accuracy, regret

__all__ = ["correlation", "mmrv", "pairwise_accuracy", "regret"]

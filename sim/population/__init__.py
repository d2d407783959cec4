"""A population of policies that metrics are judged by: success and offline scores of each, kept in two tables."""

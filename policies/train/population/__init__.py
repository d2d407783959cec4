"""The population of trained and degraded policies on which offline metrics are judged."""

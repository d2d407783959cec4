"""The rows of the registry of offline metrics, by what they need."""

"""The building blocks of the published systems, one per file: torch modules that process samples independently."""

"""From what is typed after ``--policy`` to a policy: parsing, one table of kinds, and making. Imports nothing heavy."""

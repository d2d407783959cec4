"""Every published system as one row of a table, and the one network and policy that all rows share."""

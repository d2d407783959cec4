"""The published systems as rows of a table, and the network and policy that all rows share."""

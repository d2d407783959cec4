"""Data sets whose files are parsed in a process of their own, since a parser in C may crash, hang or eat memory."""

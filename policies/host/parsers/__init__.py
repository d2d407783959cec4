"""Parsers of files from elsewhere in processes of their own, under limits of time and memory."""

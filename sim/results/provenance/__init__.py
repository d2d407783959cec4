"""What results were made by: code, packages, Python, machine and renderer; how two of these differ."""

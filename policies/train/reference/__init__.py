"""Training of our own reference: looks that vary, all parts at once, and DAgger rounds."""

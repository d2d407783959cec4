"""Training of our own reference: it learns to see, from views anywhere in worlds whose looks vary."""

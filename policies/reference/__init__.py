"""Our own reference: a network that sees what stands where, and a driver that maps it and plans its way."""

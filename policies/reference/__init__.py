"""Our own reference: one network from pixels, words and odometry to an action, trained whole for strength."""

"""Recording of labelled views: what the camera sees from poses anywhere in a world, and what truly stands there."""

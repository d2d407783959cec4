"""A contract test for authors of policies, and the conformance of a policy and the camera with a data set."""

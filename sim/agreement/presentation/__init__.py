"""A conclusion as printed lines, as a figure, and as the results page."""

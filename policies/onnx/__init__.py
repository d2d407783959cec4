"""Policies as ONNX files: how they are made from a trained network, read with care, and driven with."""

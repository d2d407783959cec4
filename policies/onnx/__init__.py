"""Policies from ONNX files: read with care, and driven with ONNX Runtime. Nothing here needs torch."""

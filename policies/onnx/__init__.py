"""Policies as ONNX files: how they are made from a trained network, read with care, and driven with."""

import os

# ONNX Runtime's own packages tell Microsoft which models are loaded, and on what machine, unless this is set before
# onnxruntime is imported, whoever imports it first: only this package and the exporters that it calls do.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

"""Policies from ONNX files: read with care, and driven with ONNX Runtime. Nothing here needs torch."""

import os

# ONNX Runtime's own packages tell Microsoft which models are loaded, and on what machine, unless this is set before
# onnxruntime is imported, whoever imports it first: only this package does, and the exporter through it.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

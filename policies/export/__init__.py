"""Export of trained policies as ONNX files; ``policies.onnx`` runs them."""

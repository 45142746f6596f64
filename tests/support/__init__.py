"""What the tests talk through: a real Jupyter server, real kernels, the SDK's client."""

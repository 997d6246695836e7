"""Chat models in the seats."""

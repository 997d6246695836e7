"""Rewrites stdlib logging calls, and prints of a service, to structured logging.

Needs the extra `tracer` (libcst); `council.tracer.structured.run` says so where it is missing.
"""

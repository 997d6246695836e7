"""The tracer's execution mode: audit, plan, configuration, runbooks and structured logging for a service's code.

Deterministic and offline; code that is read is never imported and never run.
"""

"""Thin wrappers."""

import functools
import logging
from contextlib import contextmanager

from opentelemetry import metrics, trace

_tracer = trace.get_tracer("orders")
_meter = metrics.get_meter("orders")
_counters = {}
_logger = logging.getLogger("orders")


def count(name, value=1, **labels):
    if name not in _counters:
        _counters[name] = _meter.create_counter(name)
    _counters[name].add(value, labels)


def timing(name, seconds, **labels):
    _meter.create_histogram(name).record(seconds, labels)


@contextmanager
def span(name, **attributes):
    with _tracer.start_as_current_span(name) as current:
        current.set_attributes(attributes)
        yield current


def tag(**attributes):
    trace.get_current_span().set_attributes(attributes)


def event(name, **fields):
    _logger.info(name, extra=fields)


def problem(name, error, **fields):
    _logger.error(name, exc_info=error, extra=fields)


def traced(name=None):
    def decorate(function):
        @functools.wraps(function)
        def inner(*args, **kwargs):
            with _tracer.start_as_current_span(name or function.__qualname__):
                return function(*args, **kwargs)

        return inner

    return decorate

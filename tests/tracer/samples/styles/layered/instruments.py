from dataclasses import dataclass, field

from opentelemetry import metrics

_meter = metrics.get_meter("orders")


@dataclass
class Instruments:
    submissions: metrics.Counter = field(default_factory=lambda: _meter.create_counter("orders.submissions"))
    retries: metrics.Counter = field(default_factory=lambda: _meter.create_counter("orders.retries"))
    latency: metrics.Histogram = field(default_factory=lambda: _meter.create_histogram("orders.latency"))


instruments = Instruments()

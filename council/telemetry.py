"""Spans of a review, through opentelemetry-api: without an SDK they cost next to nothing and go nowhere.

One span `review`, and under it one `invoke_agent <seat>` for each seat, with the names of OpenTelemetry's semantic
conventions for generative AI and `council.*` for what they have no name for. Nothing of a proposal or a reply is in them:
identifiers, hashes, votes and numbers only. Errors are no span events (deprecated) but log records of
`council.error_context`, with the same trace id; the span names their kind (`error.type`) and reference.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry import trace
from opentelemetry.trace import Span, StatusCode

from council.ballot import Opinion, Verdict

ERRORS = frozenset({"failed", "late", "refused", "unusable"})
"""Causes of an abstention that say that something went wrong with the call; `error.type` names them."""

_tracer = trace.get_tracer("council")


@contextmanager
def review_span(review_id: str, proposal_sha256: str, *, passing: tuple[type[BaseException], ...] = ()) -> Iterator[Span]:
    """The span of a whole review, current inside.

    Args:
        review_id, proposal_sha256: of the review.
        passing: what is raised to stop a review on purpose, and is no error.
    """
    with _span("review", {"council.review_id": review_id, "council.proposal_sha256": proposal_sha256}, passing) as span:
        yield span


@contextmanager
def seat_span(seat: str, reviewer: object, *, review_id: str, proposal_sha256: str) -> Iterator[Span]:
    """The span of one seat's call, current inside.

    Args:
        seat: its name.
        reviewer: its reviewer; `provider_name` and `model_name` are said where it has them.
        review_id, proposal_sha256: of the review.
    """
    attributes = {
        "gen_ai.operation.name": "invoke_agent",
        "gen_ai.agent.name": seat,
        "gen_ai.provider.name": _text(reviewer, "provider_name"),
        "gen_ai.request.model": _text(reviewer, "model_name"),
        "council.review_id": review_id,
        "council.proposal_sha256": proposal_sha256,
        "council.seat": seat,
        "council.reviewer": _text(reviewer, "name"),
    }
    with _span(f"invoke_agent {seat}", {name: value for name, value in attributes.items() if value}) as span:
        yield span


def record_opinion(span: Span, opinion: Opinion) -> None:
    """Say what came of a seat's call."""
    if not span.is_recording():
        return
    usage, abstention = opinion.usage, opinion.abstention
    span.set_attribute("council.vote", opinion.counted.value)
    if usage.calls:
        span.set_attributes(
            {
                "gen_ai.usage.input_tokens": usage.input_tokens,
                "gen_ai.usage.output_tokens": usage.output_tokens,
                "gen_ai.usage.cache_read.input_tokens": usage.cached_tokens,
                "council.calls": usage.calls,
                "council.retries": usage.retries,
            }
        )
    if abstention is not None:
        span.set_attribute("council.abstention", abstention.cause)
        if abstention.reference:
            span.set_attribute("council.error_id", abstention.reference)
        if abstention.cause in ERRORS:
            _failed(span, abstention.cause)


def record_verdict(span: Span, verdict: Verdict) -> None:
    """Say what the council decided."""
    if span.is_recording():
        span.set_attributes(
            {
                "council.review_id": verdict.review_id,  # of a resumed review, that under which it began
                "council.outcome": verdict.outcome.value,
                "council.decided_by": verdict.decided_by.value,
                "gen_ai.usage.input_tokens": verdict.usage.input_tokens,
                "gen_ai.usage.output_tokens": verdict.usage.output_tokens,
            }
        )


@contextmanager
def _span(name: str, attributes: dict[str, str], passing: tuple[type[BaseException], ...] = ()) -> Iterator[Span]:
    with _tracer.start_as_current_span(name, attributes=attributes, record_exception=False, set_status_on_exception=False) as span:
        try:
            yield span
        except passing:
            raise
        except Exception as exc:
            _failed(span, type(exc).__qualname__)
            raise


def _failed(span: Span, kind: str) -> None:
    span.set_attribute("error.type", kind)
    span.set_status(StatusCode.ERROR)


def _text(reviewer: object, name: str) -> str:
    """An optional attribute of a reviewer; whatever is no text is none."""
    value = getattr(reviewer, name, "")
    return value if isinstance(value, str) else ""

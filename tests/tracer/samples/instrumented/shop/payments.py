"""The payment service: gRPC."""

import logging
import signal
from concurrent import futures

import grpc
from opentelemetry import metrics, trace
from opentelemetry.instrumentation.grpc import server_interceptor
from opentelemetry.trace import StatusCode

from shop import payments_pb2, payments_pb2_grpc

logger = logging.getLogger("shop.payments")
tracer = trace.get_tracer("shop.payments")
meter = metrics.get_meter("shop.payments")
payment_counter = meter.create_counter("shop.payments")


class Payments(payments_pb2_grpc.PaymentsServicer):
    """Charges cards through the bank."""

    def __init__(self, bank):
        self.bank = bank
        self.amounts = meter.create_histogram("shop.payment.amount")

    def Charge(self, request, context):  # noqa: N802 - the service's own definition names it
        span = trace.get_current_span()
        span.set_attribute("shop.order.id", request.order_id)
        span.set_attribute("shop.amount", request.amount)
        if request.amount <= 0:
            payment_counter.add(1, {"outcome": "invalid"})
            logger.warning("charge_invalid", extra={"order_id": request.order_id, "amount": request.amount})
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, "amount")
        with tracer.start_as_current_span("bank.charge") as inner:
            inner.set_attribute("shop.order.id", request.order_id)
            try:
                receipt = self.bank.charge(request.order_id, request.amount)
            except ConnectionError as error:
                inner.record_exception(error)
                inner.set_status(StatusCode.ERROR)
                payment_counter.add(1, {"outcome": "unreachable"})
                logger.exception("bank_unreachable", extra={"order_id": request.order_id})
                context.abort(grpc.StatusCode.UNAVAILABLE, "bank")
        payment_counter.add(1, {"outcome": "paid"})
        self.amounts.record(request.amount, {"currency": "EUR"})
        logger.info("charged", extra={"order_id": request.order_id, "receipt_id": receipt.id})
        return payments_pb2.Receipt(id=receipt.id)

    def Status(self, request, context):  # noqa: N802 - the service's own definition names it
        with tracer.start_as_current_span("status") as span:
            span.set_attribute("shop.receipt.id", request.receipt_id)
            found = self.bank.status(request.receipt_id)
            payment_counter.add(1, {"outcome": found.state})
            logger.info("status_read", extra={"receipt_id": request.receipt_id, "state": found.state})
            return payments_pb2.State(state=found.state)


def stop(number, frame):
    logger.info("payments_stopping", extra={"signal": number})
    raise SystemExit(0)


def serve(bank):
    server = grpc.server(futures.ThreadPoolExecutor(8), interceptors=[server_interceptor()])
    payments_pb2_grpc.add_PaymentsServicer_to_server(Payments(bank), server)
    server.add_insecure_port("[::]:9090")
    signal.signal(signal.SIGTERM, stop)
    logger.info("payments_starting", extra={"port": 9090})
    server.start()
    server.wait_for_termination()

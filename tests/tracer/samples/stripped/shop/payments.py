"""The payment service: gRPC."""

import logging
import signal
from concurrent import futures

import grpc

from shop import payments_pb2, payments_pb2_grpc

logger = logging.getLogger("shop.payments")


class Payments(payments_pb2_grpc.PaymentsServicer):
    """Charges cards through the bank."""

    def __init__(self, bank):
        self.bank = bank

    def Charge(self, request, context):  # noqa: N802 - the service's own definition names it
        if request.amount <= 0:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, "amount")
        try:
            receipt = self.bank.charge(request.order_id, request.amount)
        except ConnectionError:
            context.abort(grpc.StatusCode.UNAVAILABLE, "bank")
        return payments_pb2.Receipt(id=receipt.id)

    def Status(self, request, context):  # noqa: N802 - the service's own definition names it
        found = self.bank.status(request.receipt_id)
        return payments_pb2.State(state=found.state)


def stop(number, frame):
    raise SystemExit(0)


def serve(bank):
    server = grpc.server(futures.ThreadPoolExecutor(8))
    payments_pb2_grpc.add_PaymentsServicer_to_server(Payments(bank), server)
    server.add_insecure_port("[::]:9090")
    signal.signal(signal.SIGTERM, stop)
    server.start()
    server.wait_for_termination()

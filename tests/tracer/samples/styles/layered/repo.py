import aiosqlite
from opentelemetry import trace

tracer = trace.get_tracer("repo")


class StaleOrderError(Exception): ...


class OrderRepo:
    def __init__(self, path):
        self.path = path

    @tracer.start_as_current_span("OrderRepo.load")
    async def load(self, order_id):
        trace.get_current_span().set_attribute("app.order.id", order_id)
        async with aiosqlite.connect(self.path) as db, db.execute("select * from orders where id=?", (order_id,)) as cursor:
            return await cursor.fetchone()

    async def mark(self, order_id, state):
        span = tracer.start_span("OrderRepo.mark", attributes={"app.order.id": order_id})
        with trace.use_span(span, end_on_exit=True):
            span.set_attribute("app.order.state", state)
            async with aiosqlite.connect(self.path) as db:
                done = await db.execute("update orders set state=? where id=?", (state, order_id))
                await db.commit()
            if not done.rowcount:
                span.add_event("stale")
                raise StaleOrderError(order_id)

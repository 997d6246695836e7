import time

import falcon
import structlog
from opentelemetry import metrics, trace
from peewee import IntegrityError, Model, SqliteDatabase

db = SqliteDatabase("x.db")
log = structlog.get_logger("notes")
tracer = trace.get_tracer("notes")
m = metrics.get_meter("notes")
notes_written = m.create_counter("notes.written")
latency = m.create_histogram("notes.latency")


class Note(Model):
    pass


class Tracing:
    def process_request(self, req, resp):
        req.context.started = time.monotonic()
        trace.get_current_span().set_attribute("request.id", req.get_header("X-Request-Id"))
        log.debug("request.started", path=req.path)

    def process_response(self, req, resp, resource, req_succeeded):
        latency.record(time.monotonic() - req.context.started, {"ok": req_succeeded})
        log.info("request.done", status=resp.status)


class NoteResource:
    def on_get(self, req, resp, note_id):
        with tracer.start_as_current_span("note.get") as span:
            span.set_attribute("note.id", note_id)
            note = Note.get_or_none(Note.id == note_id)
            if not note:
                log.info("note.missing", note_id=note_id)
                notes_written.add(0, {"outcome": "missing"})
                raise falcon.HTTPNotFound()
            resp.media = note.as_dict()
            log.info("note.read", note_id=note_id)
            notes_written.add(0, {"outcome": "read"})

    def on_put(self, req, resp, note_id):
        span = trace.get_current_span()
        span.set_attribute("note.id", note_id)
        try:
            with db.atomic():
                Note.create(id=note_id, text=req.media["text"])
        except IntegrityError as err:
            span.record_exception(err)
            notes_written.add(1, {"outcome": "conflict"})
            log.warning("note.conflict", note_id=note_id, exc_info=err)
            raise falcon.HTTPConflict() from err
        notes_written.add(1, {"outcome": "written"})
        log.info("note.written", note_id=note_id)


def build():
    app = falcon.App(middleware=[Tracing()])
    app.add_route("/notes/{note_id}", NoteResource())
    log.info("app.built")
    return app

"""What the audit writes beside the road, as records."""

from contracts.envelope import Record, join_type, request_headers
from contracts.events.audit import AuditFound, RequestDead
from contracts.wire import to_json
from policies.judged import Row

SOURCE = "/yibao/audit"
MAX_KEY_BYTES = 256


def found_record(found: AuditFound, key: bytes) -> Record:
    """A finding, for yibao.found, which takes less than yibao.requested may hold as a key."""
    return Record(key[:MAX_KEY_BYTES], to_json(found), request_headers(join_type("audit.found", 1), SOURCE, found.id))


def dead_record(dead: RequestDead, key: bytes) -> Record:
    """A copy of a request that could not be read, for yibao.dead."""
    return Record(key[:MAX_KEY_BYTES], to_json(dead), request_headers(join_type("request.dead", 1), SOURCE, dead.id))


def key_of(row: Row) -> bytes:
    """The person as the first record with a key names it; the number of the request where none does."""
    return next((record.key for record in row.records if record and record.key), b"%d" % row.req)

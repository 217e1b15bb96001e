"""States as they lie in Redis: the small part of a person compressed, with a dictionary of what all of them say.

Every decision loads it: a short JSON text with the same names for everybody. Compressed it takes a third, which is memory and traffic
of the server, for some 6 microseconds a state. Entries stay as they are: most are shorter, and settlements compressed already
(``policies.reversal.packing``). A packed state begins with a byte that no JSON text begins with, so both kinds are read, and
the states of an earlier version stay.
"""

from policies.compressing import Compressing

MARK = b"\x01"
"""Of this dictionary, in zstd. Another one gets a mark of its own, and this one stays readable."""
SMALL, LEAST = "p:", 100
"""How the names of small parts begin; fewer bytes are not worth it."""
DICTIONARY = (
    b'"inpatient.deductible":,"inpatient.hifp_pay":,"inpatient.inscp_scp_amt":,"inpatient.admissions":1,"deductible.cap.settlements":1,"fees":,'
    b'"outpatient.deductible":,"outpatient.hifp_pay":,"outpatient.inscp_scp_amt":,"wallets":[{"sharer":"","balc":}],"arrears":[],"idetinfo":['
    b'"filings":[{"trt_dcla_detl_sn":"","insuplc_admdvs":"","insutype":"310","category":"other_temporary","mdtrtarea_admdvs":"10000",'
    b'"begndate":"2025-","enddate":"2026-"}]{"brdy":"19","gend":"1","balances":{"310":0},"years":["year:2025/000/310"],'
    b'"insuinfo":[{"insuplc_admdvs":"","insutype":"310","psn_type":"11","psn_insu_date":"2010-01-01"}],'
    b'"recent":[{"setl_id":"","fixmedins_code":"H","mdtrt_id":"","begndate":"2025-1","enddate":"2025-1","stay":false},"settlements":1')

_STATES = Compressing(DICTIONARY)


def packed(name: str, raw: bytes) -> bytes:
    """The state ``name`` as it is stored. One that begins with the mark is packed whatever its size, so that nothing is mistaken."""
    marked = raw.startswith(MARK)
    if not name.startswith(SMALL) or (len(raw) < LEAST and not marked):
        return raw
    found = MARK + _STATES.compressed(raw)
    return found if marked or len(found) < len(raw) else raw


def unpacked(name: str, stored: bytes | None) -> bytes | None:
    """The state that is stored. What cannot be unpacked is given as it is: whoever reads it finds that it is no state."""
    if stored is None or not name.startswith(SMALL) or not stored.startswith(MARK):
        return stored
    try:
        return _STATES.expanded(stored[len(MARK) :])
    except ValueError:
        return stored

"""The rows of a verdict, table by table: pairs of a table's name and values by column. Pure; amounts in fen."""

from collections.abc import Iterator, Mapping
from typing import Any

from contracts.events.reversal import claim_of
from contracts.wire import Event
from services.feed.entries import Entry, entries_of
from services.feed.movements import movements_of

Row = dict[str, Any]
NOWHERE = "000000"
"""The region of verdicts that name no place of insurance: unreadable and repeated requests, credits of an account."""
STANDS = frozenset({"accepted", "settled", "reversed", "undone"})
SECTIONS = ("settled", "priced", "checked", "filed")
"""Where the verdict of an event may stand, the last section first."""


def rows_of(event: Event, partition: int, req: int) -> Iterator[tuple[str, str, Row]]:
    """Every row that ``event``, which counts on yibao.settled, gives to the feed, with its region: the place of insurance of its
    settlement (what takes back settlements may take back those of several places), of other rows that which the verdict names."""
    common = {
        "event_id": event.attributes.id, "request_id": event.attributes.request_id, "type": event.type,
        "partition": partition, "req": req, "psn_no": event.psn_no,
    }
    place = region_of(event)
    for table, of, row in _of_body(event):
        yield table, of or place, common | row


def region_of(event: Event) -> str:
    """The place of insurance that a verdict names, NOWHERE where it names none."""
    entry = next(iter(entries_of(event)), None)
    return (entry.checked.insured.insuplc_admdvs if entry else place_of(event.body)) or NOWHERE


def _of_body(event: Event) -> Iterator[tuple[str, str | None, Row]]:
    for ordinal, entry in enumerate(entries_of(event)):
        place = entry.checked.insured.insuplc_admdvs
        yield "settlements", place, _settlement(entry, ordinal)
        yield from (("lines", place, entry.named(ordinal) | line) for line in _lines(entry))
        yield from (("steps", place, entry.named(ordinal) | step) for step in _steps(entry))
    if event.type == "filing.decided":
        yield "filings", None, _filing(event.body)
    yield from (("refusals", None, row) for row in _refusals(event.body))
    yield from (("movements", None, {"ordinal": number} | row) for number, row in enumerate(movements_of(event)))


def _settlement(entry: Entry, ordinal: int) -> Row:
    claim, checked, settled = entry.claim, entry.checked, entry.settled
    insured, provider = checked.insured, checked.provider
    told = {name: getattr(claim, name) for name in (
        "insutype", "fixmedins_code", "med_type", "mdtrt_id", "begndate", "enddate", "setl_date")}
    return entry.named(ordinal) | told | entry.amounts() | {
        "init_setl_id": entry.init_setl_id, "omsgid": entry.omsgid, "insutype": insured.insutype, "psn_type": insured.psn_type,
        "insuplc_admdvs": insured.insuplc_admdvs, "mdtrtarea_admdvs": provider.admdvs if provider else None,
        "place": checked.place, "route": checked.route or "direct", "hosp_lv": provider.hosp_lv if provider else None,
        "booked": entry.booked, "year": settled.year, "age": settled.age, "gend": checked.facts.gend, "plan": settled.plan,
        "benefit": settled.benefit, "pool_prop_selfpay": settled.pool_prop_selfpay, "rulebook": settled.rulebook,
    }


def _lines(entry: Entry) -> Iterator[Row]:
    """The fee lines after the cuts of the review; of a mirror with the other sign."""
    billed = {line.feedetl_sn: line for line in entry.claim.feedetail}
    for line in entry.priced.lines:
        asked = billed[line.feedetl_sn]
        yield {
            "feedetl_sn": line.feedetl_sn, "fee_ocur_date": asked.fee_ocur_date, "med_list_codg": asked.med_list_codg,
            "name": line.name, "chrgitm_lv": line.chrgitm_lv, "cnt": entry.signed(asked.cnt), "pric": asked.pric,
            "selfpay_prop": line.selfpay_prop, "note": line.note,
            **{name: entry.sign * getattr(line, name) for name in (
                "det_item_fee_sumamt", "fulamt_ownpay_amt", "overlmt_amt", "preselfpay_amt", "inscp_scp_amt", "hosp_part_amt")},
        }


def _steps(entry: Entry) -> Iterator[Row]:
    """Steps as they stand in the section: those of a mirror have the other sign there."""
    for number, step in enumerate(entry.settled.steps, 1):
        told = {name: getattr(step, name) for name in ("kind", "rule", "source", "choice", "value", "base", "amount")}
        yield {"number": number} | told


def _refusals(body: Any) -> Iterator[Row]:
    """One row a reason of a verdict that settles nothing; one without a code where it gives none."""
    section = last_section(body)
    if section is None or section.verdict in STANDS:
        return
    bill = asked_of(body)
    told = {name: getattr(bill, name, None) for name in ("insutype", "fixmedins_code", "med_type", "medfee_sumamt")} | {
        "verdict": section.verdict, "insuplc_admdvs": place_of(body), "asked": day_of(bill)}
    for ordinal, why in enumerate(section.reasons or (None,)):
        said = {name: getattr(why, name, None) for name in ("code", "field", "zh", "en")}
        yield told | said | {"ordinal": ordinal}


def _filing(body: Any) -> Row:
    filed, asked = body.filed, body.request
    of = filed.filing or filed.facts.filing or asked
    told = {name: getattr(of, name, None) for name in (
        "trt_dcla_detl_sn", "category", "mdtrtarea_admdvs", "begndate", "enddate", "letter")}
    return told | {
        "verdict": filed.verdict, "oper": asked.oper, "insutype": asked.insutype, "insuplc_admdvs": place_of(body),
        "asked": asked.dcla_date or asked.begndate, "code": filed.reasons[0].code if filed.reasons else None, "source": filed.source,
    }


def last_section(body: Any) -> Any:
    """The section that holds the verdict; None where no stage has said anything."""
    return next((found for name in SECTIONS if (found := getattr(body, name, None)) is not None), None)


def asked_of(body: Any) -> Any:
    """The bill that a request holds, or the held one that it decides; else the request itself."""
    held = getattr(getattr(body, "settled", None), "held", None)
    request = getattr(body, "request", None)
    return held.claim if held is not None else claim_of(request)


def day_of(bill: Any) -> Any:
    """The day that a request, or the bill in it, states; None where it states none."""
    names = ("setl_date", "date", "dcla_date", "begndate", "crdt_date")
    return next((day for name in names if (day := getattr(bill, name, None)) is not None), None) if not isinstance(bill, Mapping) else None


def place_of(body: Any) -> str | None:
    """The place of insurance as far as the verdict knows it: of the insurance that pays, of the filing, or of the one asked for."""
    sections = [found for name in SECTIONS if (found := getattr(body, name, None)) is not None]
    for section in sections:
        of = getattr(section, "insured", None) or getattr(section, "filing", None)
        if of is not None:
            return of.insuplc_admdvs
    if (held := getattr(getattr(body, "settled", None), "held", None)) is not None:
        return held.claim_checked.insured.insuplc_admdvs
    insutype = getattr(asked_of(body), "insutype", None)
    for section in sections:
        spells = getattr(getattr(section, "facts", None), "insuinfo", ())
        if found := [one for one in spells if one.insutype == insutype]:
            return found[-1].insuplc_admdvs
    return None

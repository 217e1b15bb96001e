"""Cases of entitlement, worked by hand beside the rules: ``entitlement.cases.toml``.

A case gives a person, what was paid when, and a day of care; ``expect`` holds the codes of what speaks against it: ``refused``
(nobody pays), ``by_hand`` (not at the provider), ``account`` (the account may still pay), and ``start``, the first day of benefits that a wait or a restored break names.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from contracts.base import made
from contracts.events.claim import Claim, PersonFacts
from contracts.events.enrolment import Approval, ChosenProvider, Contribution, Exemption, Spell
from policies import wording
from policies.entitlement.person import Asked, account_usable, findings, kept_from_provider
from policies.entitlement.read import EXEMPT
from policies.entitlement.rules import Entitlements, Nation
from policies.entitlement.standing import Finding
from policies.settlement.sheet import Origin
from policies.tables import KNOWN, Table

NAME = "entitlement"
EVER = date(1900, 1, 1)


@dataclass(frozen=True, slots=True)
class EntitlementCase:
    """A person, a claim, and what must be found."""

    file: str
    name: str
    why: str
    facts: PersonFacts
    spell: Spell
    claim: Claim
    where: str
    expect: tuple[tuple[str, Any], ...]


def entitlement_case(file: str, where: str, row: dict[str, Any], problems: list[str]) -> EntitlementCase:
    """One case; problems are noted."""
    table = Table(row, where, problems, {})
    spell, day = _spell(table), table.day("begndate")
    paid = tuple(_contribution(one, spell) for one in table.tables("paid")) if table.has("paid") else ()
    facts = PersonFacts(
        brdy=table.day_or_none("brdy") or date(1980, 1, 1), gend=table.text("gend", "1"), insuinfo=(spell,), clctinfo=paid or None,
        exmpinfo=tuple(Exemption(exmp_type=one, begndate=EVER) for one in table.texts("exempt", (), EXEMPT)),  # type: ignore[arg-type]
        opspinfo=tuple(Approval(dise_codg=one, begndate=EVER) for one in table.texts("approved", ())),
        fixinfo=tuple(ChosenProvider(fixmedins_code=one, begndate=EVER) for one in table.texts("chosen", ())),
    )
    claim = made(
        Claim, psn_no="CASE", insutype=spell.insutype, fixmedins_code=table.text("provider", "CASE"), mdtrt_id="CASE",
        med_type=table.text("med_type", "11"), begndate=day, enddate=table.day_or_none("enddate") or day,
        setl_date=table.day_or_none("enddate") or day, medfee_sumamt=0, acct_used_flag="0", feedetail=(),
        dise_codg=table.text("dise_codg") if table.has("dise_codg") else None,
    )
    found = EntitlementCase(
        file, table.text("name"), table.text("why"), facts, spell, claim, table.text("where", "home", KNOWN["place"]), _expected(table))
    table.finish()
    return found


def _spell(table: Table) -> Spell:
    return Spell(
        insuplc_admdvs=table.admdvs("insuplc"), insutype=table.text("insutype"), psn_type=table.text("psn_type", "11"),
        psn_insu_date=table.day_or_none("insured_from") or EVER, stop_date=table.day_or_none("stop_date"),
        retr_date=table.day_or_none("retr_date"), flxempe_flag="1" if table.flag("flexible", False) else None,
        act_clct_months=table.number("act_clct_months") if table.has("act_clct_months") else None,
        deem_clct_months=table.number("deem_clct_months") if table.has("deem_clct_months") else None,
        stdt_flag="1" if table.flag("student", False) else None,
    )


def _contribution(row: Table, spell: Spell) -> Contribution:
    """``{ year = 2025, on = 2024-11-02 }`` or ``{ from = .., until = .., on = .. }``; ``insuplc`` and ``insutype`` are the person's."""
    year = row.number("year", least=1900) if row.has("year") else None
    found = Contribution(
        insuplc_admdvs=row.admdvs("insuplc") if row.has("insuplc") else spell.insuplc_admdvs,
        insutype=row.text("insutype", spell.insutype), clct_date=row.day_or_none("on"),
        begndate=date(year, 1, 1) if year else row.day("from"), enddate=date(year, 12, 31) if year else row.day("until"),
    )
    row.finish()
    return found


def _expected(table: Table) -> tuple[tuple[str, Any], ...]:
    expect = table.only("expect")
    start = expect.day_or_none("start")
    found: list[tuple[str, Any]] = [(name, expect.texts(name, ())) for name in ("refused", "by_hand", "account")]
    expect.finish()
    return (*found, *([("start", start)] if start else []))


def wrong(case: EntitlementCase, rules: Entitlements, nation: Nation) -> list[str]:
    """Where the rules give something else than the case says; empty where they agree."""
    refused, kept, usable = decided(case, rules, nation)
    told: dict[str, Any] = {"refused": _codes(refused), "by_hand": _codes(kept), "account": _codes(usable)}
    found = [wording.differs(case.name, name, told[name], value) for name, value in case.expect if name in told and told[name] != value]
    start = dict(case.expect).get("start")
    reasons = [one.reason for one in refused if one.reason is not None]
    if start is not None and not _starts(case, rules, nation, start):
        zh = "；".join(one.zh for one in reasons) or "当日本身没有不予支付的原因"
        en = "; ".join(one.en for one in reasons) or "nothing speaks against the day itself"
        found.append(wording.otherwise(case.name, f"待遇不从 {start} 开始：{zh}", f"benefits do not begin on {start}: {en}"))
    return found


def _codes(found: Iterable[Finding]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.reason.code for one in found if one.reason is not None))


def _starts(case: EntitlementCase, rules: Entitlements, nation: Nation, start: date) -> bool:
    """Nothing speaks against ``start``, and something against the day before."""
    before, on = (decided(_on(case, day), rules, nation)[0] for day in (date.fromordinal(start.toordinal() - 1), start))
    return bool(_codes(before)) and not _codes(on)


def _on(case: EntitlementCase, day: date) -> EntitlementCase:
    return replace(case, claim=case.claim.model_copy(update={"begndate": day, "enddate": day, "setl_date": day}))


def decided(case: EntitlementCase, rules: Entitlements, nation: Nation) -> tuple[list[Finding], list[Finding], list[Finding]]:
    """What the rules find against the claim, against its settlement at the provider, and for the account in a gap."""
    claim = case.claim
    of = Asked(claim.begndate, claim.enddate, rules.rule_for(case.spell, claim.begndate), nation)
    refused = findings(claim, case.facts, case.spell, case.where, of)
    reasons = [one.reason for one in refused if one.reason is not None]
    kept = kept_from_provider(claim, case.facts, case.spell, case.where, of)
    return refused, kept, account_usable(claim, reasons, case.where, of)


def unproved(cases: Sequence[EntitlementCase], rules: Entitlements, nation: Nation) -> Iterator[str]:
    """Parts of rules that no case asks."""
    used: set[Origin] = {one.origin for case in cases for found in decided(case, rules, nation) for one in found}
    for rule in rules.rules:
        for origin in rule.parts():
            if origin not in used:
                file, _, part = origin.rule.partition("#")
                yield f"regions/{file}.toml: entitlement[{part.replace(' ', ']: ', 1)}: 没有算例用到，请在旁边的 {NAME}.cases.toml 中写一个 / " \
                    f"no case uses it; write one in {NAME}.cases.toml beside it"

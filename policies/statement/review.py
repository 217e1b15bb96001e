"""The sections of a review on paper: what was found, what was cut, that a claim waits, and what a person decided."""

from typing import Any

from contracts.base import altered
from contracts.events.claim import ClaimSettled
from contracts.events.finding import Finding
from contracts.money import yuan
from policies.review.cut import as_settled
from policies.review.inner import as_claim
from policies.statement.paper import Column, Row, Section
from policies.statement.words import BEARS, Names, Words
from policies.tables import EXAMPLE

EFFECTS: Names = {"note": ("提示", "noted"), "cut": ("扣减", "cut"), "hold": ("暂缓，等待人工审核", "held for a person")}
DECISIONS: Names = {"release": ("放行", "released"), "cut": ("扣减后结算", "settled after cuts"), "refuse": ("不予支付", "refused")}


def shown(body: Any) -> Any:
    """The body as its statement shows it: of a decision the claim, and the lines as they were settled."""
    if not hasattr(body, "checked"):
        if getattr(getattr(body, "settled", None), "held", None) is None:
            return body
        body = as_claim(body)
    settled = getattr(body, "settled", None)
    return altered(body, priced=as_settled(body.priced, settled)) if isinstance(body, ClaimSettled) else body


def findings(body: ClaimSettled, say: Words) -> Section | None:
    """Each finding: rule, lines, amount at stake, what was done about it, and why."""
    review = body.settled.review
    if review is None or not review.findings:
        return None
    columns = (
        Column(say("规则", "rule")), Column(say("明细", "lines")), Column(say("涉及金额", "at stake"), True), Column(say("处理", "effect")),
    )
    return Section(say("智能审核（元）", "Review (yuan)"), tuple(_finding(one, say) for one in review.findings), columns)


def _finding(one: Finding, say: Words) -> Row:
    done = say.name(EFFECTS, one.effect)
    if one.bears is not None:
        done += say(f"，{say.name(BEARS, one.bears)}承担", f", borne by the {say.name(BEARS, one.bears)}")
    source = say("示例规则，虚构", "an example, invented") if one.source == EXAMPLE else one.source
    lines = ", ".join(line.feedetl_sn for line in one.lines) or "-"
    notes = [say(one.reason.zh, one.reason.en), say("依据：", "Source: ") + source]
    if one.setl_ids:
        notes.append(say("所涉结算：", "Earlier settlements: ") + ", ".join(one.setl_ids))
    return Row((say(one.rule_name, one.rule_name_en), lines, yuan(one.vola_amt), done), tuple(notes))


def decision(body: Any, request_id: str, say: Words) -> Section | None:
    """What a person decided of a held claim; None for what is no decision."""
    asked = body.request
    if not hasattr(asked, "held_id"):
        return None
    pairs = [
        (say("决定的请求编号", "request id of the decision"), request_id), (say("暂缓编号", "held claim"), asked.held_id),
        (say("决定", "decision"), say.name(DECISIONS, asked.decision)), (say("经办人", "reviewer"), asked.opter),
        (say("决定日期", "decided on"), str(asked.date)),
    ]
    pairs += [(say("说明", "note"), asked.memo)] if asked.memo else []
    rows = [Row(pair) for pair in pairs]
    for of in asked.lines:
        amount = yuan(of.amt) if of.amt is not None else say("全部", "all")
        who = say.name(BEARS, of.bears)
        rows.append(Row((say(f"扣减明细 {of.feedetl_sn}", f"line {of.feedetl_sn} cut"), say(f"{amount}，{who}承担", f"{amount}, borne by the {who}"))))
    return Section(say("审核决定", "Decision"), tuple(rows))

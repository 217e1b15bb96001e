"""The reasons about undoing a settlement (反结算). Part of ``contracts.reasons``."""

from contracts.reasons_entry import Entry

REVERSAL_REASONS: dict[str, Entry] = {
    "no_settlement": Entry(
        "没有该参保人的结算 {named}", "This person has no settlement {named}",
        "核对结算ID或报文ID与人员编号，以结算结论中的为准；被拒绝、暂缓或待补的费用没有结算。",
        "Check setl_id or omsgid, and psn_no, with the verdict on the claim; what was refused, is held or pending has no settlement.",
        "provider"),
    "nothing_to_undo": Entry(
        "请求 {named} 没有可以冲正的结算：费用申报已被拒绝、暂缓审核或待补，或它不是费用申报（如更正、撤销、审核决定），其结果不变",
        "Request {named} has no settlement to be undone: the claim was refused, is held or pending, or it is no claim (a correction, "
        "reversal or decision, say), and what it did stands",
        "被拒绝、待补的无需撤销；暂缓的请经办机构决定不予支付（review.decided，refuse）；更正所成的结算以结算ID申请撤销（reversal）。",
        "What was refused or is pending needs no undo; have the agency close what is held (review.decided, refuse); what a correction "
        "settled is reversed by its setl_id (reversal).", "provider"),
    "reversed_before": Entry(
        "结算 {setl_id} 已由请求 {by} 撤销", "Settlement {setl_id} was taken back by request {by}",
        "无需操作，请查询该请求的结果。", "Nothing to do: look up the verdict on that request."),
    "undone": Entry(
        "该请求在到达之前已由冲正请求 {by} 撤销", "Request {by} undid this request before it arrived",
        "如仍需结算，以新的请求编号重新发送。", "If it is still meant, send it again with a new id.", "provider"),
    "undone_before": Entry(
        "该请求已由冲正请求 {by} 撤销", "Request {by} undid it already",
        "无需操作；迟到的原请求会被拒绝。", "Nothing to do: the request will be refused if it arrives."),
    "not_the_provider": Entry(
        "结算 {setl_id} 由 {provider} 办理，不能由 {asking} 撤销", "Settlement {setl_id} is that of {provider}: {asking} cannot undo it",
        "由办理结算的机构或参保地经办机构申请。", "Let the provider that settled, or the agency of the place of insurance, ask.", "provider"),
    "not_the_agency": Entry(
        "结算 {setl_id} 属参保地 {place}，经办机构 {asking} 不能撤销", "Settlement {setl_id} is of {place}: the agency {asking} cannot undo it",
        "由参保地经办机构申请。", "Let the agency of the place of insurance ask.", "agency"),
    "agency_only": Entry(
        "{what}只能由参保地经办机构申请", "{what}: only the agency of the place of insurance may ask",
        "请参保地经办机构办理（填写 setl_optins）。", "Have that agency ask for it (setl_optins).", "provider"),
    "asked_before": Entry(
        "申请日期 {date} 早于结算日期 {setl_date}", "The request of {date} lies before the settlement of {setl_date}",
        "核对申请日期 date。", "Check date.", "provider"),
    "too_late": Entry(
        "撤销期限为 {since} 起 {limit} 日，已于 {last} 届满", "It could be undone for {limit} days from {since} on, until {last}",
        "由参保地经办机构申请。", "Let the agency of the place of insurance ask.", "provider"),
    "other_month": Entry(
        "只能撤销当月（{month}）的结算", "Only settlements of the same month ({month}) can be undone",
        "由参保地经办机构按其规定调整。", "Ask the agency of the place of insurance how to correct it.", "provider"),
    "year_closed": Entry(
        "{year} 年度已于 {last} 关账", "The year {year} was closed after {last}",
        "由参保地经办机构按其规定调整。", "Ask the agency of the place of insurance how to correct it.", "agency"),
    "invoice_printed": Entry(
        "发票已打印，机构只能因患者退费（refund）撤销", "The invoice was printed: the provider can undo it for a refund only (refund)",
        "收回发票后以退费为由申请，或由参保地经办机构申请。",
        "Take the invoice back and ask for a refund, or let the agency of the place of insurance ask.", "provider"),
    "later_first": Entry(
        "须先撤销其后的 {count} 笔结算（从最后一笔开始）：{settlements}",
        "Later settlements ({count}) must be undone first, from the last one back: {settlements}",
        "按所列顺序先行撤销；或由参保地经办机构连带撤销（cascade=1）。",
        "Undo them first, in the order given; or let the agency undo all in one (cascade=1).", "provider"),
    "too_many_later": Entry(
        "其后有 {count} 笔结算，超过一次可处理的 {limit} 笔", "{count} settlements follow it; at most {limit} can be dealt with in one request",
        "从最后一笔开始逐笔撤销，或由参保地经办机构分段处理。",
        "Undo from the last one back, or let the agency of the place of insurance do it in parts.", "agency"),
    "other_rulebook": Entry(
        "结算 {setl_id} 由规则库 {rulebook} 作出，该规则库未存放，不能原样重算",
        "Settlement {setl_id} was decided by rulebook {rulebook}, which is not kept here: it cannot be settled again the same way",
        "请系统运维用 yibao rules keep DIR 存入该规则库（DIR 为摘要以 {rulebook} 开头的目录，由 yibao rules check DIR 核对），"
        "再以新的请求编号重新发送；或从最后一笔开始逐笔撤销后重新结算。",
        "Have operations keep it: yibao rules keep DIR, the folder whose digest begins with {rulebook} (yibao rules check DIR tells it); "
        "then send this again with a new id. Or undo from the last one back, and settle again.", "agency"),
    "not_again": Entry(
        "结算 {setl_id} 无法重新结算：{why}", "Settlement {setl_id} cannot be settled again: {why}",
        "先撤销该笔结算，再撤销本笔。", "Undo that one first, then this one.", "agency"),
    "balance_spent": Entry(
        "重新结算后余额（{what}）为 {balance} 元：其间余额已转出", "Settled again the balance ({what}) would be {balance} yuan: it was moved out in between",
        "先补足余额，或从最后一笔开始逐笔撤销。", "Have the balance made up first, or undo from the last one back.", "agency"),
    "other_visit": Entry(
        "更正后的 {field} 与原结算不同（{was}）", "{field} of the correction is not that of the settlement ({was})",
        "更正限于同一次就诊、同一机构、同一日期的直接结算；否则先撤销，再另行结算，或重新申请手工报销。",
        "A correction is of the same visit, provider and dates, settled directly; else undo it, and send a new claim or application.",
        "provider"),
}

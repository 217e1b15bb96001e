"""The reasons about invoices, visits paid two ways, and manual reimbursement. Part of ``contracts.reasons``."""

from contracts.reasons_entry import Entry

REIMBURSEMENT_REASONS: dict[str, Entry] = {
    # --- invoices -------------------------------------------------------------------------------------------------
    "invoice_twice": Entry(
        "发票 {invono} 在一份请求中出现两次", "Invoice {invono} occurs twice in one request",
        "每张发票只列一次，再以新的请求编号发送。", "List each invoice once, then send it again with a new id.", "provider"),
    "invoice_sum": Entry(
        "发票合计 {sum} 元与医疗费总额 {total} 元不符", "The invoices add up to {sum} yuan, the bill to {total} yuan",
        "核对发票与费用明细是否齐全，改正后以新的请求编号发送。",
        "Check that all invoices and all fee lines are there, then send it again with a new id.", "provider"),
    "invoice_used": Entry(
        "发票 {invono} 已由结算 {setl_id} 报销", "Invoice {invono} was reimbursed before, by settlement {setl_id}",
        "一张发票只报销一次。用 yibao explain {setl_id} 查看该次结算；如该次有误，先撤销它，再以新的请求编号发送。",
        "An invoice is reimbursed once. See that settlement with yibao explain {setl_id}; if it is wrong, have it reversed first, "
        "then send this again with a new id.", "patient"),
    # --- a visit, directly or by hand -----------------------------------------------------------------------------
    "visit_settled": Entry(
        "机构 {code} 的就诊 {mdtrt_id} 已由结算 {setl_id} 直接结算，该结算未写明发票",
        "Visit {mdtrt_id} at {code} was settled directly, by settlement {setl_id}, which names no invoice",
        "同一笔费用不重复报销，用 yibao explain {setl_id} 查看该次结算。如本次是该就诊的另一张账单，请机构更正该次结算、写明其发票（invoinfo）；"
        "如该次有误，先撤销它；再以新的请求编号发送。",
        "A bill is paid once: see that settlement with yibao explain {setl_id}. If this is another bill of the visit, have the provider "
        "correct that settlement so that it names its invoices (invoinfo); if it is wrong, have it reversed; then send this again with "
        "a new id.", "patient"),
    "visit_reimbursed": Entry(
        "机构 {code} 的就诊 {mdtrt_id} 已由结算 {setl_id} 手工报销，本次未写明发票",
        "Visit {mdtrt_id} at {code} was paid by hand, by settlement {setl_id}, and this claim names no invoice",
        "同一笔费用不重复报销，用 yibao explain {setl_id} 查看该次报销。如本次是该就诊的另一张账单，在 invoinfo 写明其发票；"
        "如该次有误，由经办机构先撤销它；再以新的请求编号发送。",
        "A bill is paid once: see that reimbursement with yibao explain {setl_id}. If this is another bill of the visit, name its invoices "
        "in invoinfo; if that one is wrong, the agency reverses it first; then send this again with a new id.", "provider"),
    # --- manual reimbursement -------------------------------------------------------------------------------------
    "manual_reason_not_accepted": Entry(
        "参保地不接受以“{what}”为由的手工报销", "The place of insurance takes no manual reimbursement for this reason: {what}",
        "核对零星报销原因 manl_reim_rea；不符的，向参保地经办机构咨询。",
        "Check manl_reim_rea; if it is right, ask the agency of the place of insurance.", "patient"),
    "manual_channel_not_taken": Entry(
        "参保地不受理经“{what}”提交的手工报销", "The place of insurance takes no manual reimbursement by this channel: {what}",
        "改到参保地医保经办窗口提交，以新的请求编号发送。", "Hand it in at the agency's window instead, with a new id.", "patient"),
    "precheck_not_taken": Entry(
        "参保地没有手工报销的线上预审", "The place of insurance has no check of copies beforehand",
        "直接提交原件（precheck_flag 填 0），以新的请求编号发送。", "Hand in the originals at once (precheck_flag 0), with a new id.", "patient"),
    "deadline_passed": Entry(
        "申请期限到 {deadline} 为止，{applied} 申请已逾期 {days} 天", "The application was possible until {deadline}; it was made on {applied} (days late: {days})",
        "本次不予报销；如期限内申请过，以新的请求编号重新发送，并在 completes 写明那次待补齐的请求；有正当理由的向经办机构说明。",
        "Not reimbursed. If an application was made in time, send again with a new id and name that pending request in completes; else ask the agency.",
        "patient"),
    "completed_too_late": Entry(
        "请求 {id} 应在 {until} 前（含当日）补齐，已逾期 {days} 天", "Request {id} could be completed until {until} (days late: {days})",
        "在申请期限内的，以新的请求编号重新申请（不填 completes）。",
        "While the deadline of the application lasts, apply anew with a new id and without completes.", "patient"),
    "unknown_pending": Entry(
        "没有待补齐的请求 {id}", "There is no pending request {id}",
        "核对 completes；首次申请不填该字段。", "Check completes; leave it out for a first application.", "agency"),
    "pending_of_another_visit": Entry(
        "待补齐的请求 {id} 是机构 {code} 就诊 {mdtrt_id}（至 {enddate}）的", "The pending request {id} is for visit {mdtrt_id} at {code} up to {enddate}",
        "核对 completes、fixmedins_code、mdtrt_id 与 enddate，改正后以新的请求编号发送。",
        "Check completes, fixmedins_code, mdtrt_id and enddate, then send it again with a new id.", "agency"),
    "papers_missing": Entry(
        "缺少材料：{missing}", "Papers are missing: {missing}",
        "补齐后以新的请求编号再次提交，并在 completes 写明本请求编号；首次申请日期不变。",
        "Hand them in with a new request that names this one in completes; the day of the first application stands.", "patient"),
    "originals_due": Entry(
        "预审通过，尚需提交原件（期限：{until}）", "The copies are in order; the originals are still due (last day: {until})",
        "寄交原件，以新的请求编号提交，precheck_flag 填 0，并在 completes 写明本请求编号。",
        "Send the originals, with a new request that has precheck_flag 0 and names this one in completes.", "patient"),
    "after_round": Entry(
        "经“{what}”的申请每月 {day} 日前（含当日）提交，本月已过", "Applications by this channel ({what}) are handed in up to day {day} of a month; this month's is over",
        "在 {first} 至 {last} 以新的请求编号再次提交，并在 completes 写明本请求编号；首次申请日期不变。",
        "Hand it in between {first} and {last} with a new request that names this one in completes; the day of the first "
        "application stands.", "patient"),
}

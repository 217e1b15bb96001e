"""The reasons about filings: what is wrong with a request, and why no filing covers a claim. Part of ``contracts.reasons``."""

from contracts.reasons_entry import Entry

FILING_REASONS: dict[str, Entry] = {
    "materials_missing": Entry(
        "{category}备案缺少材料：{missing}", "Filing as {category} lacks materials: {missing}",
        "补齐其中任一材料，或提交个人承诺书（cmt_flag=1）：待补正的，以 oper=redeem 和该备案编号提交。",
        "Hand in one of them, or a commitment letter (cmt_flag=1): for a filing that is pending, as oper=redeem under its number."),
    "materials_only": Entry(
        "{category}备案缺少材料：{missing}（不接受承诺书）",
        "Filing as {category} lacks materials: {missing} (no commitment letter is taken)",
        "补齐其中任一材料：待补正的，以 oper=redeem 和该备案编号提交。",
        "Hand in one of them: for a filing that is pending, as oper=redeem under its number."),
    "materials_promised": Entry(
        "{category}备案以承诺书办理，承诺的材料尚未补交：{missing}",
        "The filing as {category} stands on a letter; the materials that it promised are still due: {missing}",
        "补交其中任一材料，以 oper=redeem 和该备案编号提交；没有规定截止日。补齐前备案照样有效；参保地待遇限于补齐之后的，补齐后方可在参保地就医结算。",
        "Hand in one of them, as oper=redeem under its number; no last day is set. Until then the filing is in force all the same; where "
        "care at home waits for the materials, it can be settled once they are there."),
    "category_not_taken": Entry(
        "参保地在 {date} 不办理“{category}”类备案（可办：{allowed}）",
        "The place of insurance takes no filing as {category} on {date} (it does: {allowed})",
        "改用所列类别后以新的请求编号重新发送。", "Use one of these categories and send it again with a new id."),
    "category_not_for_insurance": Entry(
        "险种 {insutype} 不能按“{category}”备案", "Those insured under {insutype} cannot file as {category}",
        "核对险种；或改用其他类别。", "Check the type of insurance, or use another category."),
    "category_not_for_working": Entry(
        "{date} 尚未退休，不能按 {category} 备案", "Not retired on {date}: cannot file as {category}",
        "改用其他类别；已退休的，由经办机构更新人员类别（psn_type）后以新的请求编号重新发送。",
        "Use another category; who is retired has the agency record it (psn_type), then sends it again with a new id."),
    "approval_names_nothing": Entry(
        "“{category}”须写明 {field}", "{category} has to give {field}",
        "填写该代码后以新的请求编号重新发送。", "Give the code and send it again with a new id."),
    "channel_not_taken": Entry(
        "参保地不从渠道 {channel} 受理备案（可用：{allowed}）",
        "The place of insurance takes no filing through {channel} (it does through: {allowed})",
        "改从所列渠道申报。", "File through one of these channels."),
    "reason_missing": Entry(
        "参保地要求写明异地就医原因", "The place of insurance asks for the reason of the care elsewhere",
        "填写 rloc_rea 后以新的请求编号重新发送。", "Give rloc_rea and send it again with a new id."),
    "backdated": Entry(
        "备案开始日期 {begndate} 早于申报日期 {date}", "The filing begins on {begndate}, before it was asked for ({date})",
        "开始日期不早于申报日期；此前的就医，以 oper=late 补备案。",
        "Let it begin on the day of asking; for care before that, file late (oper=late)."),
    "not_late": Entry(
        "开始日期 {begndate} 不早于申报日期 {date}：不是补备案", "It begins on {begndate}, not before it was asked for ({date}): that is not late",
        "按 oper=file 备案。", "File it as oper=file."),
    "unknown_filing": Entry(
        "该险种下没有编号 {number} 的备案", "There is no filing {number} under this insurance",
        "以 yibao filings 或原备案结果核对编号；早已终止、不再保留的，重新备案。",
        "Check the number with yibao filings or in the verdict on the filing; if it ended long ago and is no longer kept, file anew."),
    "filing_ended": Entry(
        "备案 {number} 已于 {enddate} 终止", "Filing {number} ended on {enddate}",
        "以 oper=file 重新备案；已变更的，写变更后的备案编号。",
        "File anew (oper=file); of one that was changed, name the filing that took its place."),
    "filing_incomplete": Entry(
        "备案 {number} 待补正，尚未生效", "Filing {number} is pending and does not count yet",
        "先以 oper=redeem 补齐材料；不再需要的以 oper=cancel 取消。",
        "First complete it (oper=redeem), or cancel it (oper=cancel)."),
    "filing_of_other_insurance": Entry(
        "备案属于参保地 {old}，现参保地为 {new}", "The filing belongs to the place of insurance {old}; it is {new} now",
        "在现参保地以 oper=file 重新备案。", "File anew at the present place of insurance (oper=file)."),
    "change_too_early": Entry(
        "备案自 {begndate} 起，{earliest} 之前不能变更", "The filing began on {begndate} and cannot be changed before {earliest}",
        "自 {earliest} 起变更。", "Change it from {earliest} on."),
    "cancel_too_early": Entry(
        "备案自 {begndate} 起，{earliest} 之前不能取消", "The filing began on {begndate} and cannot be cancelled before {earliest}",
        "自 {earliest} 起取消；届时已到期的不必取消。", "Cancel it from {earliest} on, unless it has ended by then."),
    "too_many_changes": Entry(
        "{year} 年已变更 {most} 次", "All changes that {year} allows ({most}) have been made",
        "{next} 年 1 月 1 日起再变更；急需的向参保地经办机构说明。",
        "Change it from 1 January {next} on; if it cannot wait, ask the agency of the place of insurance."),
    "nothing_changes": Entry(
        "变更内容与备案 {number} 相同", "It changes nothing in filing {number}",
        "填写新的就医地、医疗机构或类别；延长有效期用 oper=extend。",
        "Give a new place, hospitals or category; to extend it use oper=extend."),
    "hospitals_needed": Entry(
        "参保地备案到医疗机构：至少选 {least} 家，上限 {most}，收到 {got} 家",
        "The place of insurance files for hospitals: at least {least}, limit {most} ({got} given)",
        "在 fixmedins_codes 填写所选医疗机构。", "Give the hospitals in fixmedins_codes."),
    "hospitals_not_chosen": Entry(
        "备案到地区 {area}，区内联网医疗机构均可就医，不选医疗机构",
        "The filing is for {area} with all its connected hospitals: none is chosen",
        "去掉 fixmedins_codes 后以新的请求编号重新发送。", "Leave fixmedins_codes out and send it again with a new id."),
    "hospital_elsewhere": Entry(
        "医疗机构 {code} 在 {place}，不在备案就医地 {area}", "Hospital {code} is in {place}, not in {area}",
        "改选就医地内的医疗机构，或改就医地。", "Choose hospitals of the place of care, or correct the place."),
    "hospitals_of_one_level": Entry(
        "{other} 与 {code} 同为级别 {level}：每个级别只选一家", "{other} and {code} are both of level {level}: choose one a level",
        "同级别保留一家。", "Keep one of them."),
    "filing_fixed": Entry(
        "备案有效期固定为 {months} 个月", "The filing is valid for exactly {months} months",
        "不填结束日期，或填写 {until}。", "Leave the end date out, or give {until}."),
    "nothing_to_extend": Entry(
        "备案 {number} 长期有效，无需延长", "Filing {number} holds until it is changed: there is nothing to extend",
        "无需操作。", "Nothing to do."),
    "extension_too_short": Entry(
        "延长后的结束日期须晚于 {enddate}", "The new end date must lie after {enddate}",
        "不填结束日期，或填写更晚的日期。", "Leave the end date out, or give a later one."),
    "no_letter": Entry(
        "备案 {number} 没有待履行的承诺书", "Filing {number} has no letter that is still to be redeemed",
        "核对编号；材料已齐的无需操作。", "Check the number; where the materials are there, nothing is to be done."),
    "unknown_area": Entry(
        "没有区划代码为 {area} 的就医地", "There is no place of care with the code {area}",
        "核对 mdtrtarea_admdvs（六位行政区划代码；到省的以 0000 结尾），以新的请求编号重新发送。",
        "Check mdtrtarea_admdvs (six digits; a whole province ends in 0000), then send it again with a new id."),
    "no_filing_needed": Entry(
        "就医地 {place} 属参保地或同省，无需备案", "Care in {place} (home or same province) needs no filing",
        "可直接就医结算。", "Go to a connected provider and settle directly."),
    "filing_too_short": Entry(
        "临时外出备案有效期应不少于 {months} 个月", "A temporary filing is valid for at least {months} months",
        "不填结束日期，或填写不早于 {until} 的日期。", "Leave the end date out, or give one from {until} on."),
    "too_many_filings": Entry(
        "有效备案已达 {limit} 条", "There are {limit} filings in force already",
        "请联系参保地经办机构核对。", "Ask the agency of the place of insurance to review them."),
    # --- a claim that no filing covers ------------------------------------------------------------------------------
    "not_filed": Entry(
        "没有到 {place} 的有效异地就医备案", "No filing for care in {place} is in force",
        "出院结算前补办备案后，以新的请求编号重新结算；已自费结算的，持票据回参保地手工报销。",
        "File before the settlement at discharge and send again with a new id; after self-payment, claim by hand at home.",
        "patient"),
    "filing_elsewhere": Entry(
        "备案的就医地是 {filed}，不是 {place}", "The filing is for {filed}, not for {place}",
        "出院结算前另行备案（oper=file），或以 oper=change 变更备案 {number} 的就医地，再以新的请求编号结算；已自费的回参保地手工报销。",
        "File for it too (oper=file), or change the place of filing {number} (oper=change), before the settlement, then send again with a new "
        "id; after self-payment claim by hand at home.", "patient"),
    "filing_not_in_force": Entry(
        "备案有效期 {begndate} 至 {enddate} 不含本次就医", "The filing ({begndate} to {enddate}) does not cover this stay",
        "出院结算前重新备案（oper=file），再以新的请求编号结算；已自费的回参保地手工报销。",
        "File anew (oper=file) before the settlement, then send again with a new id; after self-payment claim by hand at home.", "patient"),
    "emergency_not_filed": Entry(
        "急诊就医，没有到 {place} 的有效备案", "Emergency care without a filing for {place} in force",
        "出院结算前补办备案后，以新的请求编号重新结算；否则保留发票、病历、费用清单，回参保地手工报销。",
        "File before the settlement and send again with a new id; else keep invoice, record and list of fees and claim by hand at home.",
        "patient"),
    "filing_pending": Entry(
        "备案 {number} 待补正，尚未生效", "Filing {number} is pending: materials are missing",
        "在出院结算前以 oper=redeem 补齐材料，再以新的请求编号结算；已自费的回参保地手工报销。",
        "Hand them in (oper=redeem) before the settlement, then send again with a new id; after self-payment claim by hand at home.",
        "patient"),
    "hospital_not_filed": Entry(
        "备案的医疗机构是 {filed}，不是 {code}", "The filing is for {filed}, not for {code}",
        "到备案的医疗机构就医，或先以 oper=change 变更备案 {number}；已自费的回参保地手工报销。",
        "Use those hospitals, or change filing {number} first (oper=change); after self-payment claim by hand at home.", "patient"),
    "filed_after_admission": Entry(
        "{begndate} 入院，{date} 才备案：参保地要求入院前备案", "Admitted on {begndate}, filed on {date}: the place of insurance asks for it before",
        "全额垫付后，持票据回参保地手工报销（reimbursement.requested）。", "Pay in full, then claim by hand at home (reimbursement.requested).", "patient"),
    "filed_late": Entry(
        "{setl_date} 结算时尚未备案，{date} 才补备案", "Settled on {setl_date}, filed late on {date}",
        "回参保地手工报销（reimbursement.requested）；参保地准许补录的，也可由医疗机构补录（late_setl_flag=1）。",
        "Claim by hand at home (reimbursement.requested); where the place of insurance allows it, the provider may settle it afterwards "
        "(late_setl_flag=1).", "patient"),
    "late_settlement_over": Entry(
        "出院后 {days} 日内（至 {last}）方可由医疗机构补录", "The provider can settle afterwards within {days} days of the discharge (to {last})",
        "持票据回参保地手工报销（reimbursement.requested）。", "Claim by hand at home (reimbursement.requested).", "patient"),
    "late_settlement_not_taken": Entry(
        "参保地没有由医疗机构补录的规定", "The place of insurance has no rule for settlement by the provider afterwards",
        "持票据回参保地手工报销（reimbursement.requested）。", "Claim by hand at home (reimbursement.requested).", "patient"),
    "home_locked": Entry(
        "异地备案 {number} 期间，不能在参保地结算", "While filing {number} is in force, home cannot be used",
        "在备案地就医；回参保地就医的，先取消备案（{earliest} 起可取消，届时已到期的不必）。",
        "Use the filed place; to be treated at home cancel the filing first (from {earliest} on, unless it has ended by then).", "patient"),
    "letter_unredeemed": Entry(
        "备案 {number} 以承诺书办理，材料补齐前只在备案地享受待遇", "Filing {number} stands on a letter: until the materials are handed in it is for the filed place only",
        "以 oper=redeem 补齐材料（已因未履行承诺终止的，不必）：当日起的就医，以新的请求编号重新结算；此前的，先自费，再回参保地手工报销。",
        "Hand in the materials (oper=redeem), unless the letter was broken since: for care from that day on send again with a new id; what began "
        "before is paid, then claimed by hand at home.", "patient"),
    "not_approved": Entry(
        "{what} 须由参保地事先审核，未见批准", "{what} needs the approval of the place of insurance beforehand; there is none",
        "先向参保地经办机构申请（oper=file，category={category}）；已自费的回参保地手工报销。",
        "Ask the agency first (oper=file, category={category}); after self-payment claim by hand at home.", "patient"),
    "not_announced": Entry(
        "{begndate} 入院前未向参保地预约", "The admission on {begndate} was not announced to the place of insurance before",
        "入院前以 category=admission_notice 预约；已入院的自费后回参保地手工报销。",
        "Announce it before (category=admission_notice); once admitted pay and claim by hand at home.", "patient"),
}

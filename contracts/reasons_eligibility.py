"""The reasons of eligibility: who is insured and entitled, and which provider may settle. Part of ``contracts.reasons``."""

from contracts.reasons_entry import Entry

ELIGIBILITY_REASONS: dict[str, Entry] = {
    "dated_ahead": Entry(
        "结算日期 {setl_date} 晚于请求发出之日 {sent}（ce_time，北京时间）",
        "The day of settlement {setl_date} lies after the day on which the request was sent, {sent} (ce_time, by UTC+8)",
        "核对 setl_date 与发送系统的时钟，改正后以新的请求编号发送；估算将来的费用请用试算（quote.requested）。",
        "Check setl_date and the clock of the sending system, then send it with a new id; care to come can be estimated (quote.requested).",
        "provider"),
    "unknown_person": Entry(
        "没有人员 {psn_no} 的参保登记", "There is no enrolment of {psn_no}",
        "核对人员编号；由参保地经办机构登记参保信息后，以新的请求编号重新发送。", "Check psn_no; have the agency record the enrolment, then send it again with a new id.", "patient"),
    "not_insured": Entry(
        "{date} 未参加险种 {insutype}", "Not insured under {insutype} on {date}",
        "核对险种与就诊日期；由参保地经办机构更正参保信息后，以新的请求编号重新发送。",
        "Check type of insurance and date; have the agency correct the enrolment, then send it again with a new id.", "patient"),
    "in_arrears": Entry(
        "{date} 处于欠费期（自 {since} 起）", "In arrears on {date} (since {since})",
        "补缴后由参保地经办机构更新参保信息，再以新的请求编号发送；已全额垫付的，更新后持票据手工报销。",
        "Pay, have the agency update the enrolment, then send it again with a new id; after self-payment claim by hand once it is updated.",
        "patient"),
    "insurance_stopped": Entry(
        "已于 {stop} 办理停保，自 {end} 起停止待遇", "The insurance was ended on {stop}; benefits stopped from {end}",
        "续保或转移参保关系后，由经办机构更新参保信息，再以新的请求编号发送；停保后的费用不能手工报销。",
        "Insure again or move the insurance, have the agency record it, then send again with a new id; costs behind the end cannot be "
        "claimed by hand.", "patient"),
    "not_paid": Entry(
        "{date} 没有已到账的缴费", "No contribution that covers {date} has arrived",
        "按参保地规定缴费或补缴，由经办机构更新缴费信息；当地认可补缴期间的待遇的，持票据回参保地手工报销。",
        "Pay as the place of insurance allows and have the agency record it; where it counts for the time paid for, claim by hand at home.",
        "patient"),
    "paid_after_window": Entry(
        "缴费 {paid} 到账，晚于集中缴费期截止日 {closes}，当年不计", "Paid on {paid}, after the window closed on {closes}: it does not count for the year",
        "在下一个集中缴费期内缴费；本次费用不能手工报销，有误的请经办机构更正到账日期。",
        "Pay within the next window; these costs cannot be claimed by hand; have the agency correct the day of payment where it is wrong.",
        "patient"),
    "back_paid_too_late": Entry(
        "自 {since} 起断缴，{paid} 才缴费，超过可补缴的 {months} 个月", "Not paid from {since} on; paid on {paid}, beyond the {months} months for paying afterwards",
        "断缴期间的费用不予支付，也不能手工报销；到账日期有误的请经办机构更正。",
        "Costs of the time not paid for are not borne, by hand neither; have the agency correct the day of payment where it is wrong.",
        "patient"),
    "restored_later": Entry(
        "断缴后 {paid} 补缴，待遇自 {start} 起恢复", "Paid after a break on {paid}: benefits are restored from {start}",
        "{start} 起可直接结算；此前的费用不予支付，也不能手工报销。",
        "From {start} on it can be settled; costs before are not borne, by hand neither.", "patient"),
    "waiting": Entry(
        "待遇等待期 {months} 个月：{since} 至 {until}", "Waiting period of {months} months: {since} to {until}",
        "{start} 起享受待遇；等待期内的费用由个人自费，不能手工报销。漏缴年度可以补缴的，补缴后由经办机构更新；免等待期人员由经办机构登记。",
        "Benefits begin on {start}; costs in the wait are the person's own and cannot be claimed by hand. Pay missed years where that is "
        "allowed; have the agency record an exemption.", "patient"),
    "retirement_short": Entry(
        "退休缴费年限不足：累计 {total}、实际 {paid}（年-月），当地要求 {years} 年、实际 {actual} 年",
        "Not enough years of contribution to be retired: {total} in all, {paid} paid (years-months); {years} and {actual} years are asked for",
        "按当地规定补足年限或继续缴费，由经办机构更新；补足后持票据手工报销。",
        "Make up the years or go on paying, and have the agency record it; then claim by hand at home.", "patient"),
    "disease_not_approved": Entry(
        "门诊慢特病 {disease} 没有有效的待遇认定", "The chronic disease {disease} is not approved on that day",
        "核对 dise_codg；向参保地申请慢特病待遇认定后以新的请求编号发送；已自费的，认定后持票据手工报销。",
        "Check dise_codg; have the place of insurance approve the disease, then send again with a new id; after self-payment claim by hand.",
        "patient"),
    "student_at_home": Entry(
        "学生假期或实习期间在外就医，不能直接结算", "A student's care away from school in holidays or practice is not settled directly",
        "先自费，保留票据，开学后通过学校手工报销。", "Pay, keep the papers, and claim by hand through the school when it begins again.", "patient"),
    "provider_not_chosen": Entry(
        "机构 {code} 不在本人选定的定点机构之内", "Provider {code} is not among those that the person chose",
        "到选定的机构就医，或变更定点后以新的请求编号重新结算；已自费的，回参保地咨询手工报销。",
        "Go to a chosen provider, or change the choice and send again with a new id; after self-payment claim by hand at home.", "patient"),
    "credential_not_accepted": Entry(
        "机构 {code} 不受理就诊凭证“{cert}”（受理：{accepted}）", "Provider {code} does not take the credential shown, {cert} (it takes: {accepted})",
        "改用所受理的凭证，以新的请求编号重新结算；没有的，先自费，再回参保地手工报销。",
        "Show one that it takes and send again with a new id; without one pay and claim by hand at home.", "patient"),
    "provider_suspended": Entry(
        "机构 {code} 自 {since} 至 {until} 暂停医保结算", "Provider {code} is suspended from {since} to {until}",
        "到其他定点机构就医；急诊等已自费的，咨询参保地手工报销。",
        "Use another designated provider; after self-payment in an emergency ask at home about claiming by hand.", "patient"),
    "account_usable": Entry(
        "统筹基金不支付；个人账户余额仍可用于这类费用", "The pool does not pay; the balance of the personal account may still pay for such care",
        "以个人账户余额支付，或改用现金。", "Pay from the balance of the account, or in cash.", "patient"),
    # --- why it is claimed by hand, as the request states it --------------------------------------------------------
    "network_failure": Entry(
        "网络不通，未能联网结算", "The network failed: it could not be settled at the provider",
        "持票据回参保地手工报销。", "Claim by hand at home with the papers."),
    "system_fault": Entry(
        "系统故障，未能实时结算", "A fault of the system: it could not be settled at the provider",
        "在期限内持票据回参保地手工报销。", "Claim by hand at home with the papers, within the time allowed."),
    "no_credential": Entry(
        "就医时没有医保电子凭证、身份证或社会保障卡", "No credential was at hand",
        "持票据回参保地手工报销；下次就医前激活医保码。", "Claim by hand at home; activate the electronic credential before the next visit."),
    "self_paid": Entry(
        "已先自费结清", "The patient paid in full before", "持票据回参保地手工报销。", "Claim by hand at home with the papers."),
    "unknown_provider": Entry(
        "机构目录中没有 {code}", "The provider register does not hold {code}",
        "核对定点医药机构编号 fixmedins_code，改正后以新的请求编号重新发送。", "Check fixmedins_code, then send it again with a new id.", "provider"),
    "provider_not_designated": Entry(
        "机构 {code} 在 {date} 不是医保定点", "Provider {code} was not designated on {date}",
        "到定点机构就医；已自费的，咨询参保地手工报销。", "Use a designated provider; after self-payment ask at home.", "patient"),
    "provider_not_connected": Entry(
        "机构 {code} 未开通{care}跨省直接结算", "Provider {code} is not connected across provinces for {care}",
        "选择已开通的机构，或自费后回参保地手工报销。", "Choose a connected provider, or pay and claim by hand at home.", "patient"),
}

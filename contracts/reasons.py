"""The closed list of reasons: what is wrong, who bears the amount, and what to do, in Chinese and English.

Texts hold ``{names}`` that the decision fills in. A refusal says all the reasons that apply.
"""

from typing import NamedTuple

from contracts.base import Model, Text, made
from contracts.reasons_entry import Bears, Entry
from contracts.reasons_filing import FILING_REASONS
from contracts.reasons_reimbursement import REIMBURSEMENT_REASONS
from contracts.reasons_reversal import REVERSAL_REASONS
from contracts.reasons_review import REVIEW_REASONS


class Reason(Model):
    """One reason in an event. ``field``: JSON path, header or fact that it is about."""

    code: Text
    field: str | None = None
    bears: Bears
    zh: str
    en: str
    remedy_zh: str
    remedy_en: str


_RESEND = ("改正后重新发送。", "Correct it and send it again.")
_CORRECT_LINES = ("改正费用明细后以新的请求编号重新发送。", "Correct the lines of the bill, then send it with a new id.")

REASONS: dict[str, Entry] = {
    # --- the request cannot be read -------------------------------------------------------------------------------
    "not_json": Entry("报文不是合法的 JSON：{detail}", "The body is not valid JSON: {detail}", *_RESEND, "provider"),
    "trailing_bytes": Entry(
        "JSON 对象之后还有多余字节（第 {at} 字节起）", "There are bytes after the JSON object (from byte {at})",
        "一条消息只发送一个 JSON 对象。", "Send one JSON object a message.", "provider"),
    "duplicate_key": Entry(
        "同一对象中字段 {key} 出现两次", "The key {key} occurs twice in one object",
        "每个字段只写一次。", "Give each key once.", "provider"),
    "not_object": Entry("报文不是 JSON 对象", "The body is not a JSON object", *_RESEND, "provider"),
    "invalid_field": Entry("字段 {field} 不合要求：{detail}", "Field {field} is not acceptable: {detail}", *_RESEND, "provider"),
    "unknown_field": Entry(
        "字段 {field} 不属于该版本的报文", "Field {field} does not belong to this version of the request",
        "去掉该字段；较新的字段请使用相应的新版本。", "Leave it out; a newer field needs the newer version of the type.", "provider"),
    "fen_not_yuan": Entry(
        "字段 {field} 应为整数分，收到 {detail}：单位是分，不是元", "Field {field} must be whole fen, not {detail}: fen, not yuan",
        "以整数分发送：元乘以 100；已是分的，去掉引号和小数点。",
        "Send whole fen: yuan times 100; what is fen already goes without quotes and decimal point.", "provider"),
    "unknown_type": Entry(
        "不认识的事件类型 {detail}", "Unknown type of event {detail}",
        "按 contracts/topics.toml 使用已登记的类型。", "Use a type that contracts/topics.toml lists.", "provider"),
    "unknown_version": Entry(
        "事件类型 {detail} 没有这个版本", "There is no such version of {detail}",
        "使用 contracts/topics.toml 所列的版本。", "Use a version that contracts/topics.toml lists.", "provider"),
    "missing_header": Entry("缺少消息头 {field}", "Header {field} is missing", *_RESEND, "provider"),
    "null_header": Entry("消息头 {field} 为空值", "Header {field} is null", *_RESEND, "provider"),
    "bad_header": Entry("消息头 {field} 不合要求：{detail}", "Header {field} is not acceptable: {detail}", *_RESEND, "provider"),
    "id_required": Entry(
        "{detail} 必须带请求编号 ce_id", "{detail} needs an id (header ce_id)",
        "每一笔划入、转出或共济都用各自的请求编号，两笔金额相同的才不会被当作一笔。",
        "Give each credit, debit or sharing an id of its own: two of the same amount may both be meant.", "agency"),
    "key_absent": Entry(
        "消息没有键", "The message has no key", "以 psn_no 为键发送。", "Send it with psn_no as the key.", "provider"),
    "key_mismatch": Entry(
        "消息的键与报文的 psn_no 不一致", "The key is not the psn_no of the body",
        "以 psn_no 为键发送。", "Send it with psn_no as the key.", "provider"),
    "misrouted": Entry(
        "消息在分区 {got}，该人员属于分区 {expected}", "The message lies in partition {got}; this person belongs to {expected}",
        "使用 murmur2 分区（librdkafka：partitioner=murmur2_random）。",
        "Partition by murmur2 (librdkafka: partitioner=murmur2_random).", "provider"),
    "request_too_large": Entry(
        "报文 {size} 字节，超过上限 {limit} 字节", "The body has {size} bytes; at most {limit} are allowed",
        "拆分费用明细，分次结算。", "Split the bill.", "provider"),
    # --- the request was seen before ------------------------------------------------------------------------------
    "repeated": Entry(
        "重复请求：编号 {id} 已经处理，以首次结果为准", "Repeated: {id} was decided before; the first verdict stands",
        "无需操作，请查询首次结果。", "Nothing to do: look up the first verdict."),
    "id_conflict": Entry(
        "编号 {id} 已用于另一请求：类型、版本或正文不同", "The id {id} was used for another request: of another type, version or body",
        "以新的请求编号重新发送。", "Send it with a new id.", "provider"),
    **FILING_REASONS,
    # --- eligibility ----------------------------------------------------------------------------------------------
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
    # --- pricing --------------------------------------------------------------------------------------------------
    "no_catalogue": Entry(
        "规则库没有 {admdvs} 在 {date} 的目录", "The rulebook has no catalogue of {admdvs} for {date}",
        "由该地维护目录后以新的请求编号重新发送。", "Have that place add its catalogue, then send again with a new id.", "agency"),
    "line_amount": Entry(
        "明细 {sn}：金额 {amount} 分与 单价×数量 {product} 分相差超过 1 分",
        "Line {sn}: amount {amount} fen differs from price x count {product} fen by more than one fen",
        *_CORRECT_LINES, "provider"),
    "fee_day_strange": Entry(
        "明细 {sn}：费用日期 {date} 不在就诊开始（{first}）至结算（{last}）之间",
        "Line {sn}: the day of the fee {date} does not lie between the beginning of the care ({first}) and its settlement ({last})",
        *_CORRECT_LINES, "provider"),
    "duplicate_line": Entry(
        "明细流水号 {sn} 重复", "Line number {sn} occurs twice", *_CORRECT_LINES, "provider"),
    "negative_net": Entry(
        "项目 {item} 退费后净额为负", "Item {item} is negative after its refunds",
        "退费不得超过该项目以同一单价已收的金额；改正费用明细后以新的请求编号重新发送。",
        "Refund at most what was charged of the item at that price: correct the lines, then send it with a new id.", "provider"),
    "rounded_refund": Entry(
        "退费明细逐行舍入后 {field} 合计为负", "{field} adds up to less than nothing, for refunds are rounded line by line",
        "退费明细与所退的收费明细一一对应，以新的请求编号重新发送。", "Refund each line as it was charged, then send it with a new id.", "provider"),
    "sum_mismatch": Entry(
        "明细合计 {sum} 分与总额 medfee_sumamt {total} 分不符", "The lines add up to {sum} fen, not to medfee_sumamt {total} fen",
        *_CORRECT_LINES, "provider"),
    # --- settlement -----------------------------------------------------------------------------------------------
    "stay_settled": Entry(
        "就诊 {mdtrt_id} 已于出院（{day}）时结清", "Stay {mdtrt_id} was settled for good at its discharge ({day})",
        "如结算有误，先撤销原结算；另一次住院使用自己的就诊 ID。",
        "If that settlement is wrong, have it undone first; another stay needs a mdtrt_id of its own.", "provider"),
    "split_at_new_year": Entry(
        "跨年住院须按年度分开结算：先结算至 {year}-12-31", "A stay across New Year is settled by years: first up to {year}-12-31",
        "以中途结算（mid_setl_flag=1）结算至年底，其余费用另行结算。",
        "Settle up to the end of the year as an interim settlement (mid_setl_flag=1), the rest apart.", "provider"),
    "prior_too_much": Entry(
        "{field}：他处已付 {paid} 元，超过可付的 {left} 元",
        "{field}: {paid} yuan stated as paid elsewhere, more than the {left} yuan that can be",
        "核对已由他处支付的金额，改正后以新的请求编号重新发送。", "Check what was paid elsewhere, then send it again with a new id.", "agency"),
    "no_rule": Entry(
        "规则库没有适用规则：{detail}", "The rulebook has no rule for this: {detail}",
        "由参保地补充规则后以新的请求编号重新发送；来不及的先自费，规则补充之后再手工报销。",
        "Have the place of insurance add the rule, then send again with a new id; who cannot wait pays, and claims by hand once the rule is "
        "there.", "agency"),
    "insufficient_balance": Entry(
        "个人账户余额 {balance} 元，不足 {amt} 元", "The account holds {balance} yuan, less than {amt} yuan",
        "减少金额，或待划入后以新的请求编号重新发送。", "Ask for less, or send it again with a new id after the next credit."),
    **REIMBURSEMENT_REASONS,
    **REVERSAL_REASONS,
    **REVIEW_REASONS,
    # --- family wallet --------------------------------------------------------------------------------------------
    "shared_with_self": Entry(
        "共济人与被共济人是同一人", "Sharer and user are the same person",
        "填写被共济人的人员编号；本人费用直接使用个人账户。", "Give the relative's psn_no; one's own care is paid from the account."),
    "kin_not_allowed": Entry(
        "参保地规定的近亲属不含 {kin}（可为 {allowed}）", "The place of insurance does not count {kin} as kin (it does {allowed})",
        "核对亲属关系。", "Check what the user is to the sharer."),
    "wallet_elsewhere": Entry(
        "被共济人参保地 {place} 不在共济范围内", "The user is insured in {place}, where the wallet cannot be used",
        "核对被共济人的参保地。", "Check the user's place of insurance."),
    "not_insured_in_year": Entry(
        "被共济人 {year} 年未在共济范围内参保", "The user was not insured in {year} where the wallet can be used",
        "由经办机构更新被共济人的参保信息后，以新的请求编号重新共济；金额已退回。",
        "Have the agency update the user's enrolment, then share again with a new id; the amount has gone back."),
    "wallet_full": Entry(
        "被共济人已有 {limit} 位共济人", "The user has {limit} sharers already",
        "由已绑定的共济人共济；金额已退回。", "Let one of the bound sharers share; the amount has gone back."),
    # --- whatever was asked ---------------------------------------------------------------------------------------
    "too_large": Entry(
        "结果 {size} 字节，超过上限 {limit} 字节", "The result has {size} bytes; at most {limit} are allowed",
        "拆分费用明细，分次结算；撤销或更正的，从最后一笔结算开始逐笔撤销，不连带；更正后的单据在撤销之后以新的请求编号发送。",
        "Split the bill. Of a reversal or correction: undo from the last settlement back, one by one and without cascade; then send the "
        "corrected bill with a new id.", "provider"),
    "cannot_decide": Entry(
        "程序无法作出决定（{detail}）", "The program could not decide this ({detail})",
        "联系系统运维并附上请求编号；先自费，再手工报销，或以新的请求编号重新发送。",
        "Report the request id to operations; pay, then claim by hand or send again with a new id.", "agency"),
}


class Bilingual(NamedTuple):
    """A fact that is said in words: in each language in its own."""

    zh: str
    en: str


class _Facts(dict):
    def __missing__(self, name: str) -> str:
        return "?"


def reason(code: str, field: str | None = None, /, **facts: object) -> Reason:
    """The reason ``code`` with its texts filled in; a ``Bilingual`` fact is said in the language of each. Raises KeyError for a code
    that is not on the list."""
    entry = REASONS[code]
    facts |= {"field": field} if field else {}
    zh, en = (_Facts({name: fact[at] if isinstance(fact, Bilingual) else fact for name, fact in facts.items()}) for at in (0, 1))
    return made(
        Reason,
        code=code,
        field=field,
        bears=entry.bears,
        zh=entry.zh.format_map(zh),
        en=entry.en.format_map(en),
        remedy_zh=entry.remedy_zh.format_map(zh),
        remedy_en=entry.remedy_en.format_map(en),
    )


def no_rule(field: str | None, zh: str, en: str) -> Reason:
    """The reason that the rulebook has no rule for what is named in both languages."""
    return reason("no_rule", field, detail=Bilingual(zh, en))

"""The closed list of reasons: what is wrong, who bears the amount, and what to do, in Chinese and English.

Texts hold ``{names}`` that the decision fills in. A refusal says all the reasons that apply.
"""

from typing import NamedTuple

from contracts.base import Model, Text, made
from contracts.reasons_eligibility import ELIGIBILITY_REASONS
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
    **ELIGIBILITY_REASONS,
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

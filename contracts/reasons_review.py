"""The reasons of the review of claims (智能审核): what its rules find, held claims, and decisions. Part of ``contracts.reasons``."""

from contracts.reasons_entry import Entry

REVIEW_REASONS: dict[str, Entry] = {
    "over_supply": Entry(
        "项目 {item} 开药 {days} 天，超过 {limit} 天的限量", "Item {item}: handed out for {days} days, more than the limit of {limit}",
        "确因病情需要的，由医生写明理由；否则减少数量。", "Have the doctor state why it is needed; or hand out less.", "provider"),
    "same_item_same_day": Entry(
        "项目 {item} 当日已在 {provider} 开具", "Item {item} was handed out at {provider} on the same day already",
        "核对是否本人、是否重复开药；确需再次开具的写明理由。", "Check the person, and whether it is needed twice; then state why.", "provider"),
    "same_item_again": Entry(
        "项目 {item} 于 {day} 在 {provider} 已开具，{days} 天内不应再开",
        "Item {item} was handed out at {provider} on {day} already, and should not be again within {days} days",
        "核对患者手中的药量；确需再次开具的写明理由。", "Check what the patient still has; state why it is needed again.", "provider"),
    "charged_twice": Entry(
        "项目 {item} 在 {day} 有 {times} 条相同明细", "Item {item} has {times} lines alike on {day}",
        "核对是否重复计费；重复的作退费明细。", "Check whether it was charged twice; take back what was.", "provider"),
    "item_against_sex": Entry(
        "项目 {item} 与患者性别（{gend}）不符", "Item {item} is not for a person of this sex (gend {gend})",
        "核对人员与项目编码。", "Check the person and the code of the item.", "provider"),
    "item_against_age": Entry(
        "项目 {item} 适用 {low} 至 {high} 周岁，患者 {age} 周岁", "Item {item} is for ages {low} to {high}; the patient is {age}",
        "核对人员与项目编码。", "Check the person and the code of the item.", "provider"),
    "item_against_diagnosis": Entry(
        "项目 {item} 限诊断 {wanted}，本次诊断为 {codes}", "Item {item} is for diagnoses {wanted}; the claim names {codes}",
        "补充或更正诊断；不符合的由患者自费。", "Add or correct the diagnosis; otherwise the patient pays it.", "provider"),
    "item_above_level": Entry(
        "项目 {item} 限 {levels} 级机构，本机构为 {level} 级", "Item {item} is for providers of level {levels}; this one is of level {level}",
        "核对机构等级与项目编码。", "Check the level of the provider and the code of the item.", "provider"),
    "too_many_bed_days": Entry(
        "床日 {days} 天，超过住院 {nights} 天", "Bed days charged: {days}; the stay has {nights}",
        "核对床位费天数与入出院日期。", "Check the bed days and the days of admission and discharge.", "provider"),
    "price_too_high": Entry(
        "项目 {item} 单价 {price} 元，限价 {ceiling} 元", "Item {item} costs {price} yuan a piece; the ceiling is {ceiling}",
        "核对单价与单位。", "Check the price and its unit.", "provider"),
    "charged_apart": Entry(
        "项目 {item} 已含在 {day} 的 {whole} 内，不应另行收费", "Item {item} is part of {whole}, which was charged on {day}",
        "退回单独收取的部分。", "Take back what was charged apart.", "provider"),
    "care_within_stay": Entry(
        "就医在 {provider} 住院期间（{begndate} 至 {enddate}）", "The care lies within a stay at {provider} ({begndate} to {enddate})",
        "核对人员是否本人、日期是否正确。", "Check that it was this person, and the dates.", "provider"),
    "visit_within_stay": Entry(
        "住院期间另在 {provider} 就医（{begndate} 至 {enddate}）", "During the stay there was care at {provider} ({begndate} to {enddate})",
        "核对人员是否本人、日期是否正确。", "Check that it was this person, and the dates.", "provider"),
    "stay_split": Entry(
        "{day} 在 {provider} 出院后 {days} 天再次入院（限 {limit} 天）",
        "Admitted again after the discharge from {provider} on {day} (days between: {days}, limit {limit})",
        "核对是否分解住院；属新病情的写明理由。", "Check whether one stay was split; state why it is a new one.", "provider"),
    "like_paid_other_way": Entry(
        "像是同一笔费用：结算 {setl_id} 已按另一途径（直接结算或手工报销）支付该机构 {begndate} 至 {enddate} 的就诊 {mdtrt_id}",
        "It looks like what settlement {setl_id} paid the other way (directly or by hand): visit {mdtrt_id} there, {begndate} to {enddate}",
        "核对两次的票据与明细：同一笔费用只支付一次；确属两笔的写明理由。",
        "Compare invoices and fee lines of both: a bill is paid once; where they are two, state why.", "provider"),
    "held_for_review": Entry(
        "审核规则 {rules} 命中，暂缓结算，等待人工审核", "Rules {rules} apply: not settled until a person has reviewed it",
        "等待经办机构的决定（yibao review）；可补充病历说明理由，无需重新发送。",
        "Wait for the agency's decision (yibao review); send it the reasons in writing, not the claim again.", "agency"),
    "too_many_held": Entry(
        "该人员已有 {limit} 笔费用等待人工审核", "{limit} claims of this person wait for review already",
        "先由经办机构处理等待中的费用，再以新的请求编号重新发送。", "Have those decided first, then send it again with a new id.", "agency"),
    "unknown_held": Entry(
        "该人员没有编号为 {id} 的暂缓费用", "This person has no held claim {id}",
        "以 yibao review list 核对编号与人员编号。", "Check id and psn_no with yibao review list.", "agency"),
    "decided_before": Entry(
        "暂缓费用 {id} 已由请求 {first} 决定，以该结果为准", "The held claim {id} was decided by request {first}, which stands",
        "以 yibao trace 查询该请求；如结算有误，撤销该结算。", "Look at it with yibao trace; if it settled wrongly, reverse it.", "agency"),
    "refused_by_review": Entry(
        "经办人 {opter} 审核后不予支付，本次费用不结算", "Reviewer {opter} refused it: the claim is not settled",
        "更正后以新的请求编号重新结算；有异议的向经办机构申诉。",
        "Correct it and send it again with a new id; or object at the agency.", "provider"),
    "cut_unknown_line": Entry(
        "明细 {sn} 不存在，或已全部退费，不能扣减", "Line {sn} does not exist, or refunds have left nothing of it: it cannot be cut",
        "以 yibao review show 核对明细流水号。", "Check the number of the line with yibao review show.", "agency"),
    "cut_too_much": Entry(
        "明细 {sn}：扣减 {amt} 分超过退费后的 {left} 分", "Line {sn}: {amt} fen cut, refunds have left {left} fen of it",
        "减少扣减金额，或不写金额以扣减全部。", "Cut less, or leave the amount out to cut all of it.", "agency"),
    "held_rules_changed": Entry(
        "暂缓之后规则库有变，该费用不再按 {plan}、{year} 年度结算", "The rulebook has changed since: the claim no longer belongs to {plan} and {year}",
        "决定不予支付（refuse），并请医药机构以新的请求编号重新结算。",
        "Refuse it, and have the provider send the claim again with a new id.", "agency"),
}

"""What the audit writes beside the road: ``audit.found`` on yibao.found, ``request.dead`` on yibao.dead.

Both are written at least once, with ids derived from what they are about: a reader drops an id that it has seen.
"""

from typing import Annotated, Literal, NamedTuple

from pydantic import Field

from contracts.base import Hash, Model, described as of
from contracts.events.request import RawHeader
from contracts.keys import derived_id
from contracts.reasons import Reason

MAX_SHOWN = 500
Shown = Annotated[str, Field(max_length=MAX_SHOWN)]
Severity = Literal["error", "warning"]
Law = Literal[1, 2, 3, 4]


class Finding(NamedTuple):
    """A kind of finding. Texts hold ``{names}`` of facts; each says what is wrong, where, and what to do."""

    severity: Severity
    law: Law | None
    zh: str
    en: str


_WHERE_ZH = "{topic}/{partition} 第 {offset} 条（请求号 {req}）"
_WHERE_EN = "{topic}/{partition} record {offset} (request {req})"
_KEEP = (
    "停止写入该主题的环节，保留日志并追查由谁写入。",
    "Stop the stage that writes this topic, keep the logs, and find out who wrote it.")
_REDECIDE = (
    "不要据此付款；以其规则库摘要重新核算。",
    "Do not pay on it; decide it again with the rulebook that it names.")


def _about(zh: str, en: str, do: tuple[str, str], law: Law | None, severity: Severity = "error") -> Finding:
    return Finding(severity, law, f"{_WHERE_ZH}：{zh}。{do[0]}", f"{_WHERE_EN}: {en}. {do[1]}")


FINDINGS: dict[str, Finding] = {
    # --- law 1 to 3 -----------------------------------------------------------------------------------------------
    "line_sum": _about("明细或合计不平：{detail}", "lines and sums disagree: {detail}", _REDECIDE, 1),
    "claim_sum": _about("总额与各方支付不平：{detail}", "the total and who pays it disagree: {detail}", _REDECIDE, 2),
    "state_sum": _about("累计额前后不平：{detail}", "after is not before + movement: {detail}", _REDECIDE, 3),
    "before_differs": _about(
        "所写结算前累计额不是上次结算后的累计额（{detail}）",
        "the accumulators before are not those after the last settlement ({detail})", _REDECIDE, 3),
    "balance_differs": _about(
        "所写账户余额不是上次变动后的余额（险种 {detail}）",
        "the balance before is not the one after the last movement (insurance {detail})", _REDECIDE, 3),
    "invoice_used_twice": _about(
        "其发票已由另一次结算使用（{detail}）", "an invoice of its was used by another settlement ({detail})", _REDECIDE, 3),
    "visit_paid_twice": _about(
        "其就诊已由另一次结算按另一途径支付（直接结算与手工报销只能其一；{detail}）",
        "its visit was paid the other way by another settlement; directly or by hand, not both ({detail})", _REDECIDE, 3),
    "original_differs": _about(
        "所撤销的结算不是日志中有效的那一笔（{detail}）",
        "what it takes back is not the settlement that is in force on the log ({detail})", _REDECIDE, 3),
    "verdict_differs": _about(
        "结论与事件类型不符（{detail}）", "the verdict does not fit the type of the event ({detail})", _REDECIDE, 3),
    "letter_unfounded": _about(
        "共济到账（或退回）的钱，没有任何共济（或退回）的结论要求它", "no verdict shares, or returns, the money that arrived by this request",
        ("道路仍在运行的，先再核对一次；仍有此项则追查由谁发布，收回其写入权限（yibao acl），以 account.debited 更正余额。",
         "Where the road is running verify once more first; if it is told again find out who published it, take the right to write (yibao acl), "
         "and correct the balance by account.debited."), 3),
    # --- law 4 ----------------------------------------------------------------------------------------------------
    "request_not_held": _about(
        "没有逐字节包含所收到的请求", "does not hold the request byte for byte", _KEEP, 4),
    "bytes_changed": _about(
        "没有逐字节保留前一环节的内容，或增加的不止一段",
        "does not keep the bytes of the stage before, or has grown by something else than its one section", _KEEP, 4),
    "cause_differs": _about(
        "cause 不是其前一条记录的摘要", "its cause is not the hash of the record that it was decided from", _KEEP, 4),
    "id_differs": _about("编号不是由其前因推出的编号", "its id is not the one derived from its cause", _KEEP, 4),
    "headers_changed": _about(
        "应原样传递的消息头 {detail} 被改动", "header {detail}, which is carried unchanged, was changed", _KEEP, 4),
    "key_changed": _about("键（人员编号）被改动", "its key (the person) was changed", _KEEP, 4),
    "source_differs": _about(
        "src 不是上一主题中同一请求的位置", "its src is not the offset of this request one topic upstream", _KEEP, 4),
    "type_not_allowed": _about(
        "类型 {detail} 不该出现在该主题上", "type {detail} does not belong on this topic", _KEEP, 4),
    "type_not_due": _about(
        "由 {detail} 不能得出该类型", "this type cannot come from {detail}", _KEEP, 4),
    "unparsed": _about("无法解析：{detail}", "cannot be parsed: {detail}", _KEEP, 4),
    "accepted_unreadable": _about(
        "请求无法读取，却被受理：{detail}", "the request cannot be read and was accepted: {detail}", _KEEP, 4),
    "no_cause": _about(
        "上一主题没有该请求的有效记录", "the topic upstream holds no record of this request that counts", _KEEP, 4),
    "decided_otherwise": _about(
        "以其规则库和此前的记录重新核算，{detail} 环节的结论不是这样",
        "decided again with its rulebook and what was recorded before, the stage {detail} does not say this", _REDECIDE, None),
    "effect_twice": _about(
        "该编号的请求已受理过，却又生效一次", "a request of this id was accepted before, and takes effect again", _REDECIDE, None),
    "rulebook_unknown": _about(
        "规则库 {detail} 不在手边，其结论无法重新核算", "rulebook {detail} is not at hand, so its verdicts were not decided again",
        ("用 yibao rules keep DIR 存入该规则库，再以 --rulebooks 给出存放处。", "Keep it with yibao rules keep DIR, and say where with --rulebooks."), None, "warning"),
    "rulebook_altered": _about(
        "存放规则库 {detail} 的目录里不是其名称（摘要）所指的内容，其结论无法重新核算",
        "the folder of rulebook {detail} does not hold what its name (the digest) says, so its verdicts were not decided again",
        ("移走该目录，再用原规则库 yibao rules keep DIR。", "Move the folder away, then yibao rules keep DIR with the rulebook as it was."), None, "warning"),
    "policies_unknown": _about(
        "由决策程序 {detail} 作出，本程序不能重新核算", "decided by policies {detail}, which this program cannot decide again",
        ("用该版本的程序核对。", "Verify with that version of the program."), None, "warning"),
    # --- completeness of a log ------------------------------------------------------------------------------------
    "gap": _about("此前缺少记录", "records before it are missing", _KEEP, 4),
    "out_of_order": _about("位置不在前一条之后", "its offset is not behind that of the record before", _KEEP, 4),
    "misplaced": _about("记录所写主题、分区与所在文件不符", "names another topic or partition than the one it stands in", _KEEP, 4),
    "number_differs": _about("请求号不是下一个", "its number is not the next one", _KEEP, 4),
    "owner_unknown": _about("own 不是此前任何栅栏的位置", "its own is the offset of no fence before it", _KEEP, 4),
    "fence_changed": _about("栅栏不是环节所写的样子", "is a fence, and not as a stage writes one", _KEEP, 4),
    "passed_over": _about(
        "下一主题越过了该请求", "the next topic goes on and has no record of this request that counts", _KEEP, 4),
    "unfinished": _about(
        "自此起 {detail} 个请求在下一主题还没有记录", "from here on {detail} requests have no record on the next topic yet",
        ("仍在运行则稍后再核对；否则该主题可能被截断。", "Verify again later if the road is running; if it is not, that topic may have been cut."),
        None, "warning"),
    "file_changed": _about("文件与清单不符（{detail}）", "the file is not the one that the manifest names ({detail})",
        ("取回原来的文件，并查明由谁改动。", "Take the file from where it was kept as it was, and find out who changed it."), 4),
    "seal_differs": _about(
        "封存与记录不符（{detail}）", "the seal and the records disagree ({detail})", _KEEP, 4),
    "seal_forged": _about(
        "封存本身不成立（{detail}）", "the seal itself does not hold ({detail})", _KEEP, 4),
    "unsealed": _about(
        "自此起 {detail} 个请求不在以所要求的密钥签名且可验签的封存之内",
        "from here on {detail} requests stand in no seal whose signature by the key that is demanded could be checked",
        ("封存仍在写入则稍后再核对；否则封存主题可能被删去或截断：用 --seal 给出另处保存的封存。",
         "Verify again later if seals are being written; if not, their topic may have been removed or cut: give the seals that were kept elsewhere with --seal."),
        None, "warning"),
    "history_changed": _about(
        "审计过的记录已不在原处或内容已变", "a record that was audited is gone or is another one",
        ("核对该主题是否被重建或截断；审计将从头重新读取。",
         "Check whether the topic was made anew or cut; the audit reads it again from the start."), 4),
    # --- completeness ---------------------------------------------------------------------------------------------
    "late": _about(
        "记录在此，超过时限仍未到达下一主题（{detail}）",
        "stands here and has not reached the next topic in time ({detail})",
        ("查看该环节的进程是否在运行（yibao status）。", "See whether the stage is running (yibao status)."),
        None, "warning"),
    "cannot_check": _about(
        "审计程序无法核对（{detail}）", "the audit could not check this ({detail})",
        ("联系系统运维，保留日志。", "Report it to operations and keep the log."), None),
}
"""The closed list of what the audit can find, by its code."""


class AuditFound(Model):
    """The value of ``cn.yibao.audit.found.v1``."""

    code: of(str, "代码", "code of the finding, one of a closed list")
    severity: of(Severity, "严重程度", "error: a law is broken; warning: somebody should look")
    law: of(Law | None, "定律", "1 line, 2 claim, 3 state, 4 chain") = None
    topic: of(str, "主题", "topic, as the map names it")
    partition: of(int, "分区", "partition")
    offset: of(int, "位置", "offset of the record")
    req: of(int, "请求号", "number of the request in its partition")
    request_id: of(Shown | None, "请求编号", "id of the request, where one can be read") = None
    found: of(Shown, "实际值", "what stands there, cut at a limit") = ""
    expected: of(Shown, "应为", "what should stand there, cut at a limit") = ""
    zh: of(str, "说明（中文）", "what is wrong and what to do, in Chinese")
    en: of(str, "说明（英文）", "what is wrong and what to do, in English")

    @property
    def id(self) -> str:
        """Derived from what it is about, so that the same finding has the same id whenever it is made."""
        return derived_id("audit.found", self.topic, str(self.partition), str(self.offset), str(self.req), self.code)


class Origin(Model):
    """Where the request stands."""

    topic: of(str, "主题", "topic, as the map names it")
    partition: of(int, "分区", "partition")
    offset: of(int, "位置", "offset of the record")


class RequestDead(Model):
    """The value of ``cn.yibao.request.dead.v1``: a copy of what could not be read, and why."""

    reasons: tuple[Reason, ...]
    stage: of(str, "环节", "the stage that could not read it")
    origin: of(Origin, "来源", "where the request stands")
    req: of(int, "请求号", "number of the request in its partition")
    request_id: of(Shown, "请求编号", "id of its verdict on the road")
    key_base64: of(str | None, "消息键（base64）", "key as it came, cut at a limit") = None
    headers: of(tuple[RawHeader, ...], "消息头", "headers as they came, cut at a limit") = ()
    size: of(int, "报文字节数", "bytes of the body")
    sha256: of(Hash, "报文摘要", "hash of the whole body")
    raw_base64: of(str, "报文（base64，超限截断）", "the body, cut at the limit")

    @property
    def id(self) -> str:
        """Derived from where the request stands."""
        return derived_id("request.dead", self.origin.topic, str(self.origin.partition), str(self.origin.offset))


def finding(
    code: str, topic: str, partition: int, offset: int, req: int,
    request_id: str | None = None, found: str = "", expected: str = "", detail: str = "",
) -> AuditFound:
    """The finding ``code`` with its texts filled in. Raises KeyError for a code that is not on the list."""
    kind = FINDINGS[code]
    facts = {"topic": topic, "partition": partition, "offset": offset, "req": req, "detail": detail[:MAX_SHOWN]}
    return AuditFound(
        code=code, severity=kind.severity, law=kind.law, topic=topic, partition=partition, offset=offset, req=req,
        request_id=request_id[:MAX_SHOWN] if request_id is not None else None,
        found=found[:MAX_SHOWN], expected=expected[:MAX_SHOWN],
        zh=kind.zh.format_map(facts), en=kind.en.format_map(facts),
    )

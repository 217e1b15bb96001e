"""What a bill holds: fee lines, diagnoses, and what was paid for it elsewhere. In fen, under the names of the national interface."""

from typing import Annotated

from pydantic import Field, model_validator

from contracts.base import Code, Count, Day, Fen, Flag, Model, Price, SignedFen, Wrong, described as of


class FeeLineV1(Model):
    """One line of the bill (feedetail). A refund within the bill has negative count and amount."""

    feedetl_sn: of(Code, "费用明细流水号", "number of the line, unique in the claim")
    fee_ocur_date: of(Day, "费用发生日期", "day of the fee")
    med_list_codg: of(Code, "医疗目录编码", "national code of the item")
    det_item_fee_sumamt: of(SignedFen, "明细项目费用总额（分）", "amount of the line, in fen")
    cnt: of(Count, "数量", "count, decimal text, up to 4 places")
    pric: of(Price, "单价（元）", "unit price in yuan, decimal text, up to 6 places")
    hosp_appr_flag: of(Annotated[str, Field(pattern=r"^[012]$")], "医院审批标志", "approval by the hospital") = "1"


class FeeLine(FeeLineV1):
    """One line of the bill in version 2."""

    rxno: of(Code | None, "处方号", "number of the prescription; absent: sold without one") = None
    prd_days: of(Annotated[int, Field(ge=1, le=366)] | None, "周期天数", "days for which what was handed out suffices") = None


class Invoice(Model):
    """One invoice of the bill. It is paid once, whatever claim it comes with."""

    invono: of(Code, "发票号", "number of the invoice")
    invo_amt: of(Fen, "发票金额（分）", "its amount, in fen")
    invo_chk: of(Code | None, "发票校验码", "its check code") = None


class Diagnosis(Model):
    """One diagnosis (diseinfo)."""

    diag_code: of(Code, "诊断代码", "code of the diagnosis")
    maindiag_flag: of(Flag, "主诊断标志", "main diagnosis: 0 no, 1 yes") = "0"


class Prior(Model):
    """What another agency paid already (payments decided elsewhere): the plan goes on behind the last of them."""

    act_pay_dedc: of(Fen, "已扣起付线", "deductible that it charged") = 0
    hifp_pay: of(Fen | None, "统筹基金已支付", "paid by the pool") = None
    hifmi_pay: of(Fen | None, "居民大病已支付", "paid by critical illness of residents") = None
    hifob_pay: of(Fen | None, "职工大额已支付", "paid by large amounts of employees") = None
    hifes_pay: of(Fen | None, "企业补充已支付", "paid by the enterprise supplement") = None
    cvlserv_pay: of(Fen | None, "公务员补助已支付", "paid by civil servants' aid") = None
    hifdm_pay: of(Fen | None, "伤残人员已支付", "paid by the fund of disabled servicemen") = None
    maf_pay: of(Fen | None, "医疗救助已支付", "paid by medical assistance") = None
    oth_pay: of(Fen | None, "其他已支付", "paid by other funds") = None

    @model_validator(mode="after")
    def _charged_by_the_pool(self) -> "Prior":
        if self.act_pay_dedc and self.hifp_pay is None:
            raise Wrong(
                "填了 act_pay_dedc 而没有 hifp_pay：统筹支付为 0 也要填", "act_pay_dedc is stated without hifp_pay: state what the pool paid, 0 too")
        return self

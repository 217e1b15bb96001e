"""The statement of a manual reimbursement: the application, what is missing or late, and what is paid to which account."""

import pytest

from contracts.wire import Event
from policies.book import Book
from policies.statement import as_text, statement
from tests.policies.requests import Journey, insured, reimbursement

ASKED = "reimbursement.requested"

# By hand, 克拉玛依 outpatient care, employees, level 1: 100.00 in scope, deductible 20.00, (100.00 - 20.00) x 80 % = 64.00 to the
# person, who paid 100.00 and bears 36.00. Visit on 2026-03-05, so the deadline is 2026-06-05.

APPLICATION = """\
手工报销申请
------------
零星报销原因    系统故障
垫付人          单位
申请日期        2026-04-02
申请渠道        窗口
批次号          B-1
发票 I1         60.00
发票 I2         40.00
申请期限        2026-06-05
已收材料        发票原件（invoice_original）、诊断证明（diagnosis）
收款账户登记号  REF-1
依据 [S034]"""
PAID = """\
应付个人（元）
--------------
项目       金额
基金支付  64.00
--------  -----
应付个人  64.00
    付至账户登记号 REF-1
"""


def sent(book: Book, *data: dict, balance: int = 0) -> tuple[Journey, Event]:
    journey = insured(balance=balance)
    events = [journey.send(ASKED, one, f"r-{number}") for number, one in enumerate(data, 1)]
    return journey, events[-1]


def test_the_sheet_in_chinese(book: Book) -> None:
    _, event = sent(book, reimbursement(invoices=[("I1", 6_000), ("I2", 4_000)], batch_no="B-1", payer="employer"))
    text = as_text(statement(event, book, "zh"))
    assert text.startswith("手工报销结算单\n==============\n")
    for part in (APPLICATION, PAID, "结算方式  手工报销", "参保地目录：新疆（650000）", "示例数据：参保地目录为虚构。", "“医疗费用发票原件或复印件(需加盖医院公章)。”"):
        assert part in text, part
    assert "就医地目录：" not in text


def test_account_and_other_agencies_are_told_apart(book: Book) -> None:
    """Elsewhere 20.00 were charged and 50.00 paid; of the 50.00 that the person bears the account has 10.00."""
    _, event = sent(book, reimbursement(acct_used_flag="1", prior={"act_pay_dedc": 2_000, "hifp_pay": 5_000}), balance=1_000)
    text = as_text(statement(event, book, "en"))
    assert """\
Paid to the person (yuan)
-------------------------
item                   amount
funds                   50.00
personal account        10.00
paid elsewhere before  -50.00
---------------------  ------
paid to the person      10.00
    to account reference REF-1
""" in text


def test_what_is_missing_is_named_with_what_to_do(book: Book) -> None:
    _, event = sent(book, reimbursement(materials=["invoice_original"], applied="2026-06-05"))
    zh, en = (as_text(statement(event, book, lang)) for lang in ("zh", "en"))
    assert zh.startswith("手工报销待补通知\n") and "缺少材料        诊断证明（diagnosis） 或 处方单（prescription）" in zh
    assert "paper missing      diagnosis (diagnosis) or prescription (prescription)" in en
    assert "request that names this one in completes" in en and "Total 100.00 yuan: not settled." in en
    assert "应付个人" not in zh and "Paid to the person" not in en


def test_how_late_it_is(book: Book) -> None:
    _, event = sent(book, reimbursement(applied="2026-07-05"))
    zh, en = (as_text(statement(event, book, lang)) for lang in ("zh", "en"))
    assert "申请期限        2026-06-05（逾期 30 天）" in zh and "已逾期 30 天" in zh
    assert "deadline           2026-06-05 (days late: 30)" in en and en.startswith("Manual reimbursement refused\n")


def test_a_completed_request_names_the_first_application(book: Book) -> None:
    data = reimbursement(materials=["diagnosis"])
    _, event = sent(book, data, data | {"materials": ["invoice_original"], "completes": "r-1", "appl_date": "2026-08-20", "setl_date": "2026-08-20"})
    text = as_text(statement(event, book, "en"))
    assert "completes          r-1" in text and "first applied on   2026-04-02" in text and "papers there       diagnosis (diagnosis), original" in text


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_without_the_rulebook_papers_go_by_their_codes(book: Book, lang: str) -> None:
    _, event = sent(book, reimbursement())
    text = as_text(statement(event, None, lang))
    assert "invoice_original" in text and "发票原件" not in text and "original invoice" not in text

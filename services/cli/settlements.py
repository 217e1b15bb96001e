"""``yibao settlements``: a person's settlements, which are in force and which were taken back, now, then, and what changed."""

from typing import Annotated

import typer

from contracts.money import yuan
from policies.settlements import AMOUNTS, Listed, as_object, keys, listed
from policies.stage import BadState
from services.cli.account import check_psn_no, read_entries, read_person
from services.cli.between import Fact, Facts, between, show as show_changes
from services.cli.console import SERVERS, AsJson, Table, coro, fail, out, print_json, redis_settings
from services.cli.past import AsOf, Dump, Past, Since, nobody, past

NAMES = {
    "medfee_sumamt": ("总额", "bills"), "fund_pay_sumamt": ("基金支付", "funds"), "acct_pay": ("个人账户", "account"), "psn_cash_pay": ("现金", "cash"),
}
IN_FORCE, TAKEN_BACK = "有效 / in force", "已撤销 / taken back"


@coro
async def settlements(
    psn_no: Annotated[str, typer.Argument(help="人员编号 / insured person")],
    as_of: AsOf = None, since: Since = None, dump: Dump = None, as_json: AsJson = False,
) -> None:
    """列出一个人的结算：编号、机构、日期、金额，是否有效；当时的情况与两个时刻之间的变化。

    A person's settlements: number, provider, day, amounts, and whether each is in force; as they stood at a time, and what
    changed between two.

    例 / Example: [bold]yibao settlements P650200-LI[/bold]
    """
    check_psn_no(psn_no)
    times = await past(as_of, since, dump)
    try:
        if times is not None and times.since is not None:
            show_changes(psn_no, times, between(*await _both(psn_no, times)), as_json)
            return
        found, known = await _now(psn_no) if times is None else await _then(psn_no, times)
    except BadState as error:
        fail(f"{psn_no}: {error}; yibao rebuild settlement", SERVERS)
    if not known:
        nobody(psn_no, times)
    if as_json:
        print_json({"psn_no": psn_no, "settlements": [as_object(one) for one in found]})
    elif found:
        out.print(_table(psn_no, found))
        if any(one.done is None and not one.by for one in found):
            out.print("撤销的是哪笔结算、由哪个请求撤销：加 --as-of 时刻，由主题重算 / which settlement was taken back, and by which "
                      "request: add --as-of TIME, which folds the topics")
    else:
        out.print(f"{psn_no}: 没有结算 / no settlements")


async def _now(psn_no: str) -> tuple[list[Listed], bool]:
    """From Redis, which keeps no names of what was taken back; and whether anything is known of the person."""
    settings = redis_settings()
    _, entries = await read_entries(settings, psn_no, lambda purse: keys(purse.settlements))
    return (found := listed(entries)), bool(found or await read_person(settings, psn_no))


async def _then(psn_no: str, times: Past) -> tuple[list[Listed], bool]:
    from services.cli.as_of import person_as_of, settlements_as_of

    found = await settlements_as_of(times.source, psn_no, times.at)
    return found, bool(found or await person_as_of(times.source, psn_no, times.at))


async def _both(psn_no: str, times: Past) -> tuple[Facts, Facts]:
    from services.cli.as_of import settlements_as_of

    before, after = await times.both(lambda source, at: settlements_as_of(source, psn_no, at))
    return _facts(before), _facts(after)


def _facts(found: list[Listed]) -> Facts:
    """State and amounts of each; what was taken back pays nothing any more. And the sums."""
    told: dict[tuple[str, ...], Fact] = {}
    for one in found:
        state = IN_FORCE if one.done else f"{TAKEN_BACK} ({one.by})"
        told[one.setl_id, "state"] = Fact(f"结算 {one.number} {one.setl_id}", f"settlement {one.number}", state)
        for name in AMOUNTS if one.done else ():
            zh, en = NAMES[name]
            told[one.setl_id, name] = Fact(f"结算 {one.number} {zh}", f"settlement {one.number} {en}", getattr(one.done.body.settled, name))
    for name, (zh, en) in NAMES.items():
        amount = sum(getattr(one.done.body.settled, name) for one in found if one.done)
        told["sum", name] = Fact(f"合计 {zh}", f"sum of {en}", amount)
    return told


def _table(psn_no: str, found: list[Listed]) -> Table:
    """Two lines a settlement, so that it fits a narrow terminal."""
    table = Table("编号\nnumber", "结算、请求\nsettlement, request", "机构、日期\nprovider, day", title=psn_no, show_lines=True)
    for names in ("总额、基金\nbills, funds", "账户、现金\naccount, cash"):
        table.add_column(names, justify="right")
    for one in found:
        if one.done is None:
            table.add_row(str(one.number), f"{one.setl_id or '-'}\n{one.by}".rstrip(), TAKEN_BACK, style="dim")
            continue
        claim, settled = one.done.body.request, one.done.body.settled
        total, funds, account, cash = (yuan(getattr(settled, name)) for name in AMOUNTS)
        table.add_row(str(one.number), f"{one.setl_id}\n{one.done.omsgid}", f"{claim.fixmedins_code}\n{claim.setl_date}", f"{total}\n{funds}", f"{account}\n{cash}")
    return table

"""The steps behind the pool, written out: one function a kind."""

from collections.abc import Callable, Iterator, Mapping

from contracts.money import yuan
from policies.settlement.supplement import Supplement
from policies.statement.told import Told, band, changed_ratio, difference
from policies.statement.words import BENEFITS, FUNDS, PARTS, Names

BONUSES: Names = {
    "bonus_continuous": ("连续参保奖励", "bonus for continuous insurance"),
    "bonus_zero_claim": ("零报销奖励", "bonus for years without a claim"),
}


def supplement(told: Told) -> Iterator[str]:
    say, step, rule = told.say, told.step, told.rule
    before, after, threshold = told.fen("before"), told.fen("after"), told.fen("threshold")
    if told.first:
        yield from _base(told, before, after)
        yield say(f"起付标准 {yuan(threshold)}", f"Threshold {yuan(threshold)}") + told.because()
    if step.value is None:
        yield say("没有超过起付标准的部分，不支付", "Nothing lies above the threshold: nothing is paid")
        return
    start = None
    if isinstance(rule, Supplement):
        less = threshold if rule.counted_from == "threshold" else 0
        start = max(before, threshold) - less
        if told.first and less:
            yield say("分段自起付标准起算：", "Bands are counted from the threshold: ") + difference(after, threshold)
    yield band(told, start, step.base)
    if (changed := changed_ratio(told)) is not None:
        yield changed
    yield told.product()


def _base(told: Told, before: int, after: int) -> Iterator[str]:
    """The fund, which parts of the person's share it counts, and how much of them the year has."""
    say, rule = told.say, told.rule
    counted = yuan(after - before)
    text = say(f"{_fund(told)}：本次计入 {counted}", f"{_fund(told)}: counted of this visit {counted}")
    yield say.beside(text, say.listed(PARTS, rule.of)) if isinstance(rule, Supplement) else text
    if told.step.facts.get("per") == "year":
        yield say("本年累计：", "In the year: ") + f"{yuan(before)} + {counted} = {yuan(after)}"
    elif before:
        yield say("本次住院累计：", "In the stay: ") + f"{yuan(before)} + {counted} = {yuan(after)}"


def _fund(told: Told) -> str:
    if (fund := getattr(told.rule, "fund", told.step.facts.get("name"))) in FUNDS:
        return told.say.name(FUNDS, fund)
    return told.say.name(BENEFITS, told.step.facts.get("name", ""))


def supplement_cap(told: Told) -> Iterator[str]:
    say, step, used = told.say, told.step, told.fen("used")
    if step.value is None:
        yield say("限额：不设", "Limit: none") + told.because(_fund(told))
        return
    limit, room = int(step.value or "0"), max(0, int(step.value or "0") - used)
    bonuses = {name: told.fen(name) for name in BONUSES if name in step.facts}
    plain = limit - sum(bonuses.values())
    yield say("限额", "Limit") + f" {yuan(plain)}" + told.because(_fund(told))
    if bonuses:
        yield say("限额 + ", "Limit + ") + " + ".join(say.name(BONUSES, name) for name in bonuses) + say("：", ": ") + (
            " + ".join(map(yuan, (plain, *bonuses.values()))) + f" = {yuan(limit)}")
    if step.facts.get("per") == "year":
        yield say(f"本年已支付 {yuan(used)}，尚余 {yuan(room)}", f"Paid before in the year: {yuan(used)}, left: {yuan(room)}")
    elif used:
        yield say(f"本次住院已支付 {yuan(used)}，尚余 {yuan(room)}", f"Paid before in the stay: {yuan(used)}, left: {yuan(room)}")
    yield told.smaller(step.base, room, step.amount)


def prior(told: Told) -> Iterator[str]:
    say, step, charged = told.say, told.step, told.fen("deductible")
    yield say(f"{_fund(told)}：已由他处支付 {yuan(step.amount)}", f"{_fund(told)}: paid already elsewhere {yuan(step.amount)}")
    if step.facts.get("name") == "pool":
        rest = step.base - charged - step.amount
        sum_ = f"{yuan(step.base)} - {yuan(charged)} - {yuan(step.amount)} = {yuan(rest)}"
        others = {name: told.fen(name) for name in PARTS if name != "deductible" and name in step.facts}
        if not others:
            yield say("起付线 - 已支付后由个人按比例自付：", "Less deductible and payment, the rest is coinsurance: ") + sum_
            return
        yield say("扣除起付线与已支付后由个人负担：", "Less deductible and payment, the person bears: ") + sum_
        parts = {"coinsurance": rest - sum(others.values()), **others}
        yield say("按参保地待遇分为：", "By the benefit of the place of insurance: ") + say("，", ", ").join(
            f"{say.name(PARTS, name)} {yuan(amount)}" for name, amount in parts.items())
    else:
        yield say("其余：", "The rest: ") + difference(step.base, step.amount)


def account(told: Told) -> Iterator[str]:
    say, step = told.say, told.step
    yield say(f"个人账户可付：{_pays(told)}，共 {yuan(step.base)}", f"The account may pay: {_pays(told)}; {yuan(step.base)} in all")
    if told.step.facts.get("used") == "1":
        yield say("账户余额：", "Balance: ") + yuan(told.fen("balance"))
        yield told.smaller(step.base, told.fen("balance"), step.amount)
    else:
        yield say("本次未使用个人账户", "The account was not used this time")


def wallet(told: Told) -> Iterator[str]:
    say, step, sharers = told.say, told.step, told.fen("sharers")
    yield say(f"家庭共济可付：{_pays(told)}，共 {yuan(step.base)}", f"The family wallet may pay: {_pays(told)}; {yuan(step.base)} in all")
    if step.facts.get("used") != "1":
        yield say("本次未使用家庭共济", "The family wallet was not used this time")
        return
    held = yuan(told.fen("balance"))
    yield say(f"共济余额（{sharers} 位共济人）：{held}", f"Balance (sharers: {sharers}): {held}")
    yield told.smaller(step.base, told.fen("balance"), step.amount)
    moved = told.body.settled.wallet.movement if told.body.settled.wallet else {}
    for who, amount in moved.items():
        yield say(f"共济人 {who}：{yuan(-amount)}", f"From {who}: {yuan(-amount)}")


def _pays(told: Told) -> str:
    return told.say.listed(PARTS, [part for part in told.step.facts.get("pays", "").split(",") if part])


def cash(told: Told) -> Iterator[str]:
    say, step, shared = told.say, told.step, told.body.settled.acct_mulaid_pay
    own = yuan(step.base - step.amount - shared)
    named, amounts = say("个人负担 - 个人账户", "Person's part - account"), f"{yuan(step.base)} - {own}"
    if shared:
        named, amounts = named + say(" - 家庭共济", " - family wallet"), f"{amounts} - {yuan(shared)}"
    yield f"{named}{say('：', ': ')}{amounts} = {yuan(step.amount)}"


WRITERS: Mapping[str, Callable[[Told], Iterator[str]]] = {
    "supplement": supplement, "supplement_cap": supplement_cap, "prior": prior, "account": account, "wallet": wallet, "cash": cash,
}

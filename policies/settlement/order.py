"""What is wrong with the steps of a benefit as a whole: their order, and steps that would do nothing, or count twice."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise

from policies.select import Row
from policies.settlement.cap import YEARLY, Cap
from policies.settlement.guarantee import Guarantee
from policies.settlement.lines import Item
from policies.settlement.out_of_area import OutOfArea
from policies.settlement.plan import Benefit, StepRule
from policies.settlement.supplement import Supplement

SHARING = frozenset({"ratio", "bands", "fixed", "item"})
"""The steps by which the pool pays something; a benefit may also have no step of the pool at all."""
CLOSING = SHARING - {"item"}
"""Of them those that share all that is left."""
LOWERED = frozenset({"ratio", "bands"})
"""Of them those whose ratio care out of area lowers."""
TAKING = frozenset({"deductible", "out_of_area", "exclude"})
"""Steps that leave less to be shared; an item does too, and is counted by the caps on fees before it where it is capped."""
FUNDING = ("supplement", "guarantee")
"""Steps by which a fund behind the pool pays of what is left to the person."""
PURSES = frozenset({"account", "wallet"})
"""Steps that pay what is left to the person."""
ONCE = frozenset({"deductible", "out_of_area"})
"""Steps of which a benefit has one at most: two would count, or lower, the same twice."""

ANYBODY: Row[None] = Row((), None)


def out_of_order(steps: Sequence[StepRule]) -> Iterator[str]:
    """What is wrong, and what to do."""
    pool = [rule for rule in steps if not rule.after_pool]
    if not steps:
        yield "缺少步骤，待遇自身或 [[then]] 中至少要有一步 / is missing; a benefit needs at least one step, of its own or in [[then]]"
    if any(one.after_pool and not other.after_pool for one, other in pairwise(steps)):
        yield "统筹步骤排在补充或账户之后，请移到它们前面 / a step of the pool stands behind a supplement or an account; put it before them"
    paying = [number for number, rule in enumerate(steps) if rule.kind in PURSES]
    for funding in dict.fromkeys(rule.kind for rule in steps[paying[0] :] if rule.kind in FUNDING) if paying else ():
        kind = steps[paying[0]].kind
        yield f"{funding} 排在 {kind} 之后，会重复支付它已支付的部分，请移到前面 / " \
            f"a {funding} stands behind {kind}, and would pay what that has paid already; put it before"
    if pool and not SHARING & {rule.kind for rule in pool}:
        told = ", ".join(dict.fromkeys(rule.kind for rule in pool))
        yield f"有 {told}，却没有按比例、分段或定额支付的步骤，统筹将分文不付，请补上句末所列之一 / " \
            f"{told} without a step that shares: the pool would pay nothing; add one of {', '.join(sorted(SHARING))}"
    yield from _twice(steps)
    yield from _behind_what_closes(pool)
    yield from _around_caps_on_fees(pool)
    yield from _lowers_nothing(pool)


def _twice(steps: Sequence[StepRule]) -> Iterator[str]:
    """Steps of which there is one too many."""
    kinds = Counter(rule.kind for rule in steps)
    for kind in sorted(ONCE):
        if kinds[kind] > 1:
            yield f"有两个 {kind} 步骤，请合写成一个，每种情形一行 / two steps {kind}; write one with a row for each case"
    for one, other in combinations([rule for rule in steps if isinstance(rule, Supplement)], 2):
        if one.name == other.name and all((one.when or ANYBODY).met(other.when or ANYBODY).values()):
            yield f"有两个 supplement 都名为 {one.name}，同一基数会重复累计，请各取名称 / " \
                f"two supplements are called {one.name}, and would count one base twice; give each a name of its own"
    for fund, times in Counter(rule.fund for rule in steps if isinstance(rule, Guarantee)).items():
        if times > 1:
            yield f"有两个 guarantee 都由 {fund} 支付，只有较高的起作用，请合写成一个，每种情形一行 / " \
                f"two steps guarantee are paid by {fund}, and only the higher share counts; write one with a row for each case"


def _behind_what_closes(steps: Sequence[StepRule]) -> Iterator[str]:
    """Steps of the pool that would find nothing to share, or nothing paid."""
    closed, paid, capped = "", False, False
    for rule in steps:
        caps_payments = isinstance(rule, Cap) and rule.counts == "payments"
        if isinstance(rule, Guarantee):
            yield from _around_what_is_paid(closed, capped)
        elif closed and not caps_payments:
            yield f"{rule.kind} 排在 {closed} 之后，而 {closed} 已把余下的费用全部分完，请移到前面，或删去 / " \
                f"{rule.kind} stands behind {closed}, which shares all that is left; put it before, or remove it"
        if caps_payments and not paid:
            yield "支付限额（cap）排在统筹各支付步骤之前，请移到它们后面 / " \
                "a cap on payments stands before every step by which the pool pays; put it behind them"
        closed, paid = rule.kind if rule.kind in CLOSING else closed, paid or rule.kind in SHARING
        capped = capped or caps_payments


def _around_what_is_paid(closed: str, capped: bool) -> Iterator[str]:
    """A guarantee of the pool that would look at less than the pool pays, or pay what a cap has cut."""
    if not closed:
        told = ", ".join(sorted(CLOSING))
        yield f"guarantee 前面没有把余下费用分完的步骤，保底会少算统筹已付的，请移到句末所列之一的后面 / " \
            f"guarantee stands before what shares all that is left, and would not see what the pool pays; put it behind one of {told}"
    if capped:
        yield "guarantee 排在支付限额（cap）之后，会付出限额以上的部分，请移到限额前面 / " \
            "guarantee stands behind a cap on payments, and would pay what that has cut; put it before"


def _around_caps_on_fees(steps: Sequence[StepRule]) -> Iterator[str]:
    """Steps that would make a cap on fees count less than it let through, or let through what it does not count."""
    capped, uncounted = False, False
    for rule in steps:
        caps, item = isinstance(rule, Cap) and rule.counts != "payments", rule if isinstance(rule, Item) else None
        if caps and uncounted:
            yield "item 排在费用限额（cap）之前，不会计入限额，请移到限额之后，或写 capped = false / " \
                "item stands before a cap on fees, which would not count it; put it behind the cap, or write capped = false"
        if capped and (rule.kind in TAKING or (item and not item.capped)):
            yield f"{rule.kind} 排在费用限额（cap）之后，限额所计会少于实际通过的费用，请移到前面 / " \
                f"{rule.kind} stands behind a cap on fees, which would count less than it let through; put it before"
        capped, uncounted = capped or caps, uncounted or bool(item and item.capped)


def _lowers_nothing(steps: Sequence[StepRule]) -> Iterator[str]:
    for rule in steps:
        if isinstance(rule, OutOfArea) and rule.mode != "first_selfpay" and not LOWERED & {one.kind for one in steps}:
            yield f"out_of_area 降低支付比例，而这里没有 ratio 也没有 bands，请给 {rule.mode} 可降低的比例，或改用 first_selfpay / " \
                f"out_of_area lowers ratios, and there is neither ratio nor bands; give {rule.mode} something to lower, or use first_selfpay"


def shared_caps(benefits: Sequence[Benefit]) -> Iterator[str]:
    """Caps that count together, though they count different things, or nothing over the year."""
    caps = dict.fromkeys(rule for benefit in benefits for rule in benefit.steps if isinstance(rule, Cap) and rule.shared)
    counted: dict[str, dict[str, None]] = {}
    for rule in caps:
        counted.setdefault(str(rule.shared), {})[rule.counts] = None
        if rule.per not in YEARLY:
            yield f"per 为 {rule.per} 的 cap 共用 {rule.shared}，却每次从头累计，per 请写 {'、'.join(YEARLY)} 之一，或删去 shared / " \
                f"a cap per {rule.per} shares {rule.shared}, and counts anew each time; write one of {', '.join(YEARLY)} for per, or remove shared"
    for name, kinds in counted.items():
        if len(kinds) > 1:
            yield f"共用 {name} 的限额分别按 {'、'.join(kinds)} 累计，不能相加，请统一为其中一种口径，或另取名称 / " \
                f"caps that share {name} count {' and '.join(kinds)}, which cannot be added; write one of them in all, or other names"

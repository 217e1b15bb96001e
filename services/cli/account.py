"""``yibao account``: what a person's year has accumulated, what the account and the family wallet hold, from Redis."""

import json
import re
from collections.abc import Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any

import typer
from pydantic import TypeAdapter
from redis.asyncio import Redis
from rich.console import Group

from contracts.base import M
from contracts.keys import PSN_NO_PATTERN, partition_of
from contracts.money import yuan
from contracts.topics import topic_map
from policies.accumulators import Purse, Wallet
from policies.book import Book
from policies.eligibility import PersonState
from policies.room import Room, rooms
from policies.show.grid import conditions
from policies.statement.words import BENEFITS, INSURANCES, Names, Words, accumulated
from services.cli.between import between, show as show_changes
from services.cli.console import AsJson, RulebookDir, Table, coro, fail, load_book, out, print_json, redis_settings
from services.cli.past import AsOf, Dump, Past, Since, nobody, past
from services.ledger import Moved, Position
from services.ledger.redis import RedisLedger, connect
from services.runtime.settings import Settings

SETTLEMENT, ELIGIBILITY = "settlement", "eligibility"
ACCUMULATORS = TypeAdapter(dict[str, int])
TRIES = 5
ZH, EN = Words("zh"), Words("en")
LIMITS: Names = {
    "cap": ("年度最高支付限额", "cap of the year"), "deductible": ("年度起付标准", "deductible of the year"),
    "year_ceiling": ("年度起付线封顶", "ceiling of the year's deductibles"),
}


@dataclass(frozen=True, slots=True, order=True)
class Year:
    """The accumulators of one year, place and type of insurance; fen, and counts of stays."""

    year: int
    place: str
    insutype: str
    accumulators: dict[str, int] = field(compare=False)


@dataclass(frozen=True, slots=True)
class Account:
    """What Redis knows of a person, as of ``position`` of settlement on ``partition``."""

    psn_no: str
    partition: int
    position: Position
    balances: dict[str, int]
    wallets: tuple[Wallet, ...]
    years: list[Year]
    person: PersonState | None

    @property
    def known(self) -> bool:
        return bool(self.person or self.balances or self.wallets or self.years)


@coro
async def account(
    psn_no: Annotated[str, typer.Argument(help="人员编号 / insured person")],
    year: Annotated[int | None, typer.Option(help="只看该年度 / only this year")] = None,
    as_of: AsOf = None, since: Since = None, dump: Dump = None,
    rulebook: RulebookDir = None,
    as_json: AsJson = False,
) -> None:
    """查一个人的年度累计、年度限额的余额与个人账户（读 Redis，注明读到日志的哪一条）。

    Accumulators of a person, what yearly caps and deductibles leave, and the personal account, from Redis, with the
    position of the log that they stand at.

    例 / Example: [bold]yibao account P650200-LI --year 2025[/bold]
    """
    check_psn_no(psn_no)
    times = await past(as_of, since, dump)
    if times is not None and times.since is not None:
        from services.cli.as_of import account_as_of, account_facts

        before, after = await times.both(lambda source, at: account_as_of(source, psn_no, at, year))
        show_changes(psn_no, times, between(account_facts(before), account_facts(after)), as_json)
        return
    settings = redis_settings() if times is None else None
    found = await read_account(settings, psn_no, year) if settings else await _then(times, psn_no, year)
    if not found.known:
        nobody(psn_no, times)
    book = load_book(rulebook or (settings or times).rulebook)
    if as_json:
        print_json(as_object(found, book))
    else:
        out.print(account_table(found, book))


def check_psn_no(psn_no: str) -> None:
    """Ends the command where it is none."""
    if not re.fullmatch(PSN_NO_PATTERN, psn_no):
        fail(f"{psn_no}: 不是人员编号（{PSN_NO_PATTERN}）/ is no psn_no")


async def _then(times: Past, psn_no: str, year: int | None) -> Account:
    from services.cli.as_of import account_as_of

    return await account_as_of(times.source, psn_no, times.at, year)


async def read_account(settings: Settings, psn_no: str, year: int | None = None) -> Account:
    """What the ledgers of settlement and eligibility hold of a person."""
    partition = partition_of(psn_no.encode(), topic_map().partitions)
    async with _redis(settings) as redis:
        ledger = RedisLedger(redis, SETTLEMENT, partition, settings.prefix)
        years = (await _small(ledger, psn_no, Purse) or Purse()).years
        names = [f"e:{psn_no}:{key}" for key in years if year is None or key.startswith(f"year:{year}/")]
        position, states = await _at_one_moment(ledger, [f"p:{psn_no}", *names])
        person = await _small(RedisLedger(redis, ELIGIBILITY, partition, settings.prefix), psn_no, PersonState)
    state = states.pop(f"p:{psn_no}")
    purse = Purse.model_validate_json(state) if state else Purse()
    return Account(psn_no, partition, position, dict(purse.balances), purse.wallets, sorted(years_of(states)), person)


async def read_entries(settings: Settings, psn_no: str, keys: Callable[[Purse], list[str]]) -> tuple[Purse, dict[str, Any]]:
    """What settlement holds of a person, and of the entries that ``keys`` names."""
    partition, head = partition_of(psn_no.encode(), topic_map().partitions), f"e:{psn_no}:"
    async with _redis(settings) as redis:
        ledger = RedisLedger(redis, SETTLEMENT, partition, settings.prefix)
        purse = await _small(ledger, psn_no, Purse) or Purse()
        _, states = await _at_one_moment(ledger, [head + key for key in keys(purse)])
    return purse, entries_of({name.removeprefix(head): raw for name, raw in states.items()})


def entries_of(raw: Mapping[str, bytes | None]) -> dict[str, Any]:
    """Entries of a person's state as they are decoded."""
    return {key: json.loads(value) for key, value in raw.items() if value is not None}


async def read_person(settings: Settings, psn_no: str) -> PersonState | None:
    """What the ledger of eligibility holds of a person."""
    partition = partition_of(psn_no.encode(), topic_map().partitions)
    async with _redis(settings) as redis:
        return await _small(RedisLedger(redis, ELIGIBILITY, partition, settings.prefix), psn_no, PersonState)


def _redis(settings: Settings) -> aclosing[Redis]:
    return aclosing(connect(settings.redis, socket_timeout_seconds=settings.redis_timeout_s))


async def _small(ledger: RedisLedger, psn_no: str, model: type[M]) -> M | None:
    """The small part of a person's state, which ``model`` reads."""
    state = (await ledger.read([f"p:{psn_no}"]))[f"p:{psn_no}"]
    return model.model_validate_json(state) if state else None


async def _at_one_moment(ledger: RedisLedger, names: list[str]) -> tuple[Position, dict[str, bytes | None]]:
    """States and the position that they belong to. Where a worker writes all the time, the states are the newer ones."""
    for _ in range(TRIES):
        position = await ledger.position()
        try:
            return position, await ledger.load(position, names)
        except Moved:
            continue
    return await ledger.position(), await ledger.read(names)


def years_of(states: Mapping[str, bytes | None]) -> list[Year]:
    """The years among fields of a person's state."""
    found = []
    for name, state in states.items():
        if state is not None:
            year, place, insutype = name.rpartition(":")[2].split("/")
            found.append(Year(int(year), place, insutype, ACCUMULATORS.validate_json(state)))
    return found


def account_table(found: Account, book: Book, title: str = "") -> Group:
    """Insurances, balances, and accumulators, with names in both languages."""
    table = Table("年度、参保地、险种\nyear, insured in, insurance", "累计项目\naccumulator", title=f"{found.psn_no} {title}".strip())
    table.add_column("值（元）\nyuan", justify="right", no_wrap=True)
    for year in found.years:
        where = f"{year.year}\n{_place(year.place, book)} {year.insutype}"
        for name, value in sorted(year.accumulators.items()):
            table.add_row(where, f"{ZH.accumulator(name)}\n{EN.accumulator(name)}", accumulated(name, value))
            where = ""
        for room in _rooms(found, year, book):
            table.add_row("", f"{_limit(room, ZH)}\n{_limit(room, EN)}", f"{yuan(room.left)}\n/ {yuan(room.limit)}", style="green")
        table.add_section()
    for insutype, balance in sorted(found.balances.items()):
        table.add_row(insurance(insutype), "个人账户余额\nbalance of the account", yuan(balance), style="bold")
    for wallet in found.wallets:
        table.add_row(f"共济人 {wallet.sharer}\nshared by {wallet.sharer}", "家庭共济余额\nleft of what was shared", yuan(wallet.balc), style="bold")
    spells = found.person.insuinfo if found.person else ()
    lines = [f"参保 / insured: {_place(s.insuplc_admdvs, book)}, {insurance(s.insutype)}, {s.psn_type}, {s.psn_insu_date} –" for s in spells]
    at = found.position
    lines.append(f"截至分区 {found.partition} 第 {at.req} 号请求（位置 {at.pos}）/ as of request {at.req} of partition {found.partition} (position {at.pos})")
    return Group(table, *lines)


def _rooms(found: Account, year: Year, book: Book) -> list[Room]:
    """What the year's caps and deductibles leave, for the insurance that the person has or had there."""
    insured = found.person.insuinfo if found.person else ()
    spells = [one for one in insured if (one.insuplc_admdvs, one.insutype) == (year.place, year.insutype)]
    codes = {"psn_type": spells[-1].psn_type_on(date(year.year, 12, 31)), "cvlserv_flag": spells[-1].cvlserv_flag} if spells else {}
    return [*rooms(book, year.place, year.insutype, year.year, year.accumulators, codes)]


def _limit(room: Room, say: Words) -> str:
    """``尚余：年度支付限额（门诊），人员：退休``."""
    told = [say.beside(say.name(LIMITS, room.kind), say.name(BENEFITS, room.of)), *filter(None, (room.disease, room.provider))]
    told += [say.period(room.period)] if room.period else []
    told += [conditions(room.row, say)] if room.row is not None and room.row.when else []
    return say("尚余：", "left: ") + say("，", ", ").join(told)


def as_object(found: Account, book: Book) -> dict[str, Any]:
    """The account for JSON; amounts in fen. Each year has what its caps and deductibles leave."""
    at = found.position
    return {
        "psn_no": found.psn_no, "partition": found.partition,
        "position": {"owner": at.owner, "pos": at.pos, "req": at.req, "src": at.src, "hash": at.hash},
        "account": found.balances,
        "wallets": [wallet.model_dump() for wallet in found.wallets],
        "years": [
            {
                "year": y.year, "place": y.place, "insutype": y.insutype, "accumulators": y.accumulators,
                "left": [_as_object(room) for room in _rooms(found, y, book)],
            }
            for y in found.years
        ],
        "person": found.person.model_dump(mode="json") if found.person else None,
    }


def _as_object(room: Room) -> dict[str, Any]:
    where = str(room.row) if room.row is not None else "always"
    told = {"limit": room.kind, "of": room.of, "where": where, "amount": room.limit, "used": room.used, "left": room.left}
    return told | {name: value for name in ("disease", "provider", "period") if (value := getattr(room, name))}


def insurance(insutype: str) -> str:
    """``职工基本医疗保险（310）``."""
    return f"{ZH.name(INSURANCES, insutype)}（{insutype}）"


def _place(admdvs: str, book: Book) -> str:
    return ZH.place(admdvs, book)

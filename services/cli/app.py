"""The commands, in groups."""

import os
from typing import Annotated

import typer

from services import __version__
from services.cli.account import account
from services.cli.acl import acl
from services.cli.audit import audit
from services.cli.check import check
from services.cli.dead import dead
from services.cli.demo import demo
from services.cli.explain import explain
from services.cli.feed import feed
from services.cli.filings import filings
from services.cli.generate import generate
from services.cli.providers import providers
from services.cli.publish import publish
from services.cli.quote import quote
from services.cli.rebuild import rebuild
from services.cli.replay import replay
from services.cli.review import review
from services.cli.rules import rules
from services.cli.settle import settle
from services.cli.settlements import settlements
from services.cli.status import status
from services.cli.topics import topics
from services.cli.trace import trace
from services.cli.up import up
from services.cli.whatif import whatif
from services.cli.worker import worker
from services.runtime.settings import unknown

RUN, REQUESTS, INQUIRE, RULES, MEND = "运行 / Run", "请求 / Requests", "查询 / Inquire", "规则 / Rules", "处置 / Mend"

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="rich",
    add_completion=False,
    pretty_exceptions_show_locals=False,
    help="医保事件结算：备案、资格、定价、结算、审计。 / Event-driven settlement of China's basic medical insurance.",
    context_settings={"help_option_names": ["-h", "--help"]},
)



def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"yibao {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="版本 / version")] = False,
) -> None:
    for line in unknown(os.environ):
        typer.echo(line, err=True)


for panel, commands in {
    RUN: (demo, up, worker, topics, acl, status),
    REQUESTS: (publish, settle, quote, generate),
    INQUIRE: (trace, account, settlements, filings, explain, check, providers, replay, whatif, feed),
    MEND: (rebuild,),
}.items():
    for command in commands:
        app.command(rich_help_panel=panel)(command)
app.add_typer(audit, name="audit", rich_help_panel=INQUIRE)
app.add_typer(dead, name="dead", rich_help_panel=MEND)
app.add_typer(review, name="review", rich_help_panel=REQUESTS)
app.add_typer(rules, name="rules", rich_help_panel=RULES)

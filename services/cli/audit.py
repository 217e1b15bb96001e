"""``yibao audit``: dumps of the topics, and what an auditor proves from them."""

import typer

from services.cli.dumping import dump, load_
from services.cli.sealing import check, key, prove, seal
from services.cli.verifying import show, verify

audit = typer.Typer(no_args_is_help=True, help="审计：转储、核对、封存与证明。 / Audit: dumps, verification, seals and proofs.")
audit.command("dump")(dump)
audit.command("load")(load_)
audit.command("verify")(verify)
audit.command("show")(show)
for command in (key, seal, prove, check):
    audit.command()(command)

"""The fourth stage: ``yibao.priced`` -> ``yibao.settled``.

Decides who pays what, by the benefits of the place of insurance (policies.settlement).
Everything else travels on unread. Start it with ``yibao worker settlement``; start more of it to scale the stage.
"""

from policies.settlement.stage import SettlementStage
from services.runtime.main import deciding, run

serve = deciding(SettlementStage)

if __name__ == "__main__":
    run(serve)

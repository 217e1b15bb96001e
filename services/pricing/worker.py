"""The third stage: ``yibao.checked`` -> ``yibao.priced``.

Decides each fee line by the catalogue of the place of care (policies.pricing).
Everything else travels on unread. Start it with ``yibao worker pricing``; start more of it to scale the stage.
"""

from policies.pricing.stage import PricingStage
from services.runtime.main import deciding, run

serve = deciding(PricingStage)

if __name__ == "__main__":
    run(serve)

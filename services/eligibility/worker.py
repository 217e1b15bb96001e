"""The second stage: ``yibao.filed`` -> ``yibao.checked``.

Decides whether a person may be treated there, directly (policies.eligibility).
Everything else travels on unread. Start it with ``yibao worker eligibility``; start more of it to scale the stage.
"""

from policies.eligibility import EligibilityStage
from services.runtime.main import deciding, run

serve = deciding(EligibilityStage)

if __name__ == "__main__":
    run(serve)

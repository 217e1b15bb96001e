"""The first stage: ``yibao.requested`` -> ``yibao.filed``.

Decides the identity of every request, and filings for care in another place (policies.filing).
Everything else travels on unread. Start it with ``yibao worker filing``; start more of it to scale the stage.
"""

from policies.filing import FilingStage
from services.runtime.main import deciding, run

serve = deciding(FilingStage)

if __name__ == "__main__":
    run(serve)

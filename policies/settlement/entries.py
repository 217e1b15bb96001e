"""Which entries of a person's state a settlement moves."""

from contracts.events.claim import Checked, Claim
from policies.accumulators import stay_key, year_key
from policies.settlement.facts import is_stay


def entry_keys(claim: Claim, checked: Checked, year: int) -> tuple[str, ...]:
    """The entries that a settlement moves: the year's, and that of the stay."""
    insured = checked.insured
    assert insured is not None, "only eligible claims are settled"
    year_entry = year_key(year, insured.insuplc_admdvs, insured.insutype)
    return (year_entry, stay_key(claim.fixmedins_code, claim.mdtrt_id)) if is_stay(claim.med_type) else (year_entry,)

"""The benefits of a place on paper, as a clerk of the insurance knows them: what a plan pays, to whom, and where it says so."""

from policies.show.page import benefits_page, plans_on, region_named

__all__ = ["benefits_page", "plans_on", "region_named"]

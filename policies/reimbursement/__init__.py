"""Manual reimbursement (手工报销): what a place asks for, the application judged, and the verdict with its amounts."""

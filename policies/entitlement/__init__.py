"""When a person is entitled (待遇享受): contributions, gaps, waiting periods, retirement. Rules of the place of insurance."""

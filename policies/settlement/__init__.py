"""Settlement: the benefit steps, one small module each, and the order in which a plan runs them."""

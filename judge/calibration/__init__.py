"""From physicians' grades to corrected means, corrected grades, panel weights and samples: pure functions on arrays."""

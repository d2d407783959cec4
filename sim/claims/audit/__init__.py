"""Audits of tables of offline errors: what answers that look at no frame score on the same labels."""

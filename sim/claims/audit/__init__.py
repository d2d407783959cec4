"""Audits of tables of offline errors: what a constant answer, which looks at no frame, scores on the same labels."""

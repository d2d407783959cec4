"""The units of the population as data: what each is, what it is needed for, what it takes."""

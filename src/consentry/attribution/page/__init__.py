"""Visit attribution in the console: the day, reports, visits, contracts with their verdicts, appeals, commission, agencies, rules, desks."""

"""What is done in visit attribution, by area: agencies, reports, arrivals, deals, verdicts, appeals."""

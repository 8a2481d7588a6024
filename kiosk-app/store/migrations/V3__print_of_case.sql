-- A found case says which of its slips may have come out before.
CREATE INDEX print_of_case ON print (case_id);

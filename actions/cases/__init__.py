"""Cases (工单): their number, their history and what is still missing from one. Knows no framework."""

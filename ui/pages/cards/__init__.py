"""What pages share on which one decides card by card: the keys that wait, the edit in place, how the parts stand."""

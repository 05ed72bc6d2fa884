"""Money: the double-entry ledger, what an order books in it, credits for referrals."""

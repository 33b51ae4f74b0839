"""Reports as data: what each counts, and pure functions that count it (issue: 统计, DOMAIN §A)."""

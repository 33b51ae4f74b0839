"""出件: results that wait, how one of them goes, and the parcels of the day."""

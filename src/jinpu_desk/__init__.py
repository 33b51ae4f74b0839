"""Jinpu Desk: service-window software that works offline."""

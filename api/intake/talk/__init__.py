"""Talking with those who send photos: one state machine for all channels, and what is told them afterwards."""

"""The kinds of notices that somebody can ask to hear of, by the names that notices carry."""

from __future__ import annotations

NEW = "address.new"
NEAR = "address.near"
REAPPEARED = "address.reappeared"
WITHDRAWN = "address.reappearance_withdrawn"
KINDS = (NEW, REAPPEARED, WITHDRAWN, NEAR)
"""A kind that is written elsewhere too belongs here, and into `words.py`, before anybody can subscribe to it."""

OVERDUE = "order.overdue"
"""A work order that is not painted in time; shown among the notices, and nothing to subscribe to."""

TURNED_OFF = "subscription.turned_off"
"""What an inbox says when a subscription was switched off by somebody else or by the program; no notice."""

"""How often an account or an address may ask: token buckets, in this process or shared by all.

`limits` gives the strategy and its vocabulary; its own stores read the machine's clock and know no PostgreSQL,
so the buckets are ours (docs/decisions/0010).
"""

from __future__ import annotations

import math
import threading
from abc import abstractmethod

from limits import RateLimitItemPerMinute
from limits.storage import MovingWindowSupport, Storage
from limits.strategies import MovingWindowRateLimiter
from sqlalchemy import Engine, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from api.clock import Clock
from api.errors import Problem
from models import RateBucket

ROUNDING_S = 1e-3  # a float of seconds since 1970 is good to a microsecond; a full bucket must not lose its last token
SWEEP_EVERY = 4096


class TooManyRequests(Problem):
    """More requests than one account or address may send in a minute."""

    status = 429

    def __init__(self, *, retry_after_s: int) -> None:
        super().__init__(f"Too many requests: try again in {retry_after_s} seconds.")
        self.retry_after_s = retry_after_s


class Limits:
    """Counts by account, name and address.

    On SQLite one web process serves an installation, and its memory is enough. On PostgreSQL several may, so what
    guards accounts is counted in the database; the flood guard by address stays in memory, where it costs nothing.
    """

    def __init__(self, clock: Clock, engine: Engine) -> None:
        self._here = MovingWindowRateLimiter(MemoryBuckets(clock))
        is_shared = engine.dialect.name == "postgresql"
        self._shared = MovingWindowRateLimiter(DatabaseBuckets(clock, engine)) if is_shared else self._here
        self._clock = clock

    def spend(self, what: str, who: str, *, per_minute: int) -> None:
        """Count one; TooManyRequests when the minute's allowance is used up."""
        self._spend(self._shared, what, who, per_minute)

    def spend_here(self, what: str, who: str, *, per_minute: int) -> None:
        """Count one in this process only, without touching a disk; TooManyRequests as `spend`."""
        self._spend(self._here, what, who, per_minute)

    def _spend(self, limiter: MovingWindowRateLimiter, what: str, who: str, per_minute: int) -> None:
        item = RateLimitItemPerMinute(per_minute)
        if limiter.hit(item, what, who):
            return
        full_in_s = limiter.get_window_stats(item, what, who).reset_time - self._clock.now().timestamp()
        one_in_s = full_in_s - item.get_expiry() * (1 - 1 / per_minute)
        raise TooManyRequests(retry_after_s=max(1, math.ceil(one_in_s)))


class Buckets(Storage, MovingWindowSupport):
    """One number a key: the moment its bucket is full again (the generic cell rate algorithm)."""

    STORAGE_SCHEME = None

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock

    @abstractmethod
    def take(self, key: str, *, cost_s: float, window_s: float, now_s: float) -> bool:
        """Move the moment on by `cost_s` unless that puts it more than `window_s` ahead; whether it was moved."""

    @abstractmethod
    def full_at_s(self, key: str) -> float:
        """The moment the bucket is full again, in seconds since 1970; 0.0 for an unknown key."""

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Whether `amount` tokens were taken."""
        return self.take(key, cost_s=expiry / limit * amount, window_s=expiry, now_s=self._now_s())

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        """(a start such that start + expiry is when the bucket is full again, tokens missing now)."""
        now_s = self._now_s()
        full_at_s = max(self.full_at_s(key), now_s)
        return full_at_s - expiry, math.ceil((full_at_s - now_s) * limit / expiry)

    def _now_s(self) -> float:
        return self._clock.now().timestamp()

    @property
    def base_exceptions(self) -> type[Exception]:
        """What the store itself may raise."""
        return Exception

    def check(self) -> bool:
        """Whether the store answers."""
        self.full_at_s("")
        return True

    def get(self, key: str) -> int:
        """Refused: counting windows is another strategy's way."""
        raise NotImplementedError(key)

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Refused: counting windows is another strategy's way."""
        raise NotImplementedError(key, expiry, amount)

    def get_expiry(self, key: str) -> float:
        """When the bucket is full again."""
        return self.full_at_s(key)

    def clear(self, key: str) -> None:
        """Refused: buckets fill by themselves."""
        raise NotImplementedError(key)

    def reset(self) -> int | None:
        """Refused: buckets fill by themselves."""
        raise NotImplementedError


class MemoryBuckets(Buckets):
    """Buckets of this process."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self._full_at_s: dict[str, float] = {}
        self._lock = threading.Lock()
        self._until_sweep = SWEEP_EVERY

    def take(self, key: str, *, cost_s: float, window_s: float, now_s: float) -> bool:
        """Whether the tokens were there."""
        with self._lock:
            self._until_sweep -= 1
            if self._until_sweep <= 0:
                self._sweep(now_s)
            moved = max(self._full_at_s.get(key, 0.0), now_s) + cost_s
            if moved > now_s + window_s + ROUNDING_S:
                return False
            self._full_at_s[key] = moved
            return True

    def full_at_s(self, key: str) -> float:
        """When the bucket is full again."""
        return self._full_at_s.get(key, 0.0)

    def _sweep(self, now_s: float) -> None:
        """Forget full buckets: made-up addresses must not fill the memory."""
        self._full_at_s = {key: moment for key, moment in self._full_at_s.items() if moment > now_s}
        self._until_sweep = max(SWEEP_EVERY, len(self._full_at_s))


class DatabaseBuckets(Buckets):
    """Buckets of all processes on one PostgreSQL; one statement a hit, so two hits never see the same tokens."""

    def __init__(self, clock: Clock, engine: Engine) -> None:
        super().__init__(clock)
        self._engine = engine
        self._until_sweep = SWEEP_EVERY

    def take(self, key: str, *, cost_s: float, window_s: float, now_s: float) -> bool:
        """Whether the tokens were there."""
        moved = func.greatest(RateBucket.full_at_s, now_s) + cost_s
        spent = (
            insert(RateBucket)
            .values(key=key, full_at_s=now_s + cost_s)
            .on_conflict_do_update(
                index_elements=[RateBucket.key],
                set_={"full_at_s": moved},
                where=moved <= now_s + window_s + ROUNDING_S,
            )
            .returning(RateBucket.full_at_s)
        )
        self._until_sweep -= 1
        with self._engine.begin() as connection:
            # Tokens lost in a crash of the database are no loss: the disk need not be waited for.
            connection.exec_driver_sql("SET LOCAL synchronous_commit = off")
            if self._until_sweep <= 0:
                self._until_sweep = SWEEP_EVERY
                connection.execute(delete(RateBucket).where(RateBucket.full_at_s < now_s))
            return connection.execute(spent).first() is not None

    def full_at_s(self, key: str) -> float:
        """When the bucket is full again."""
        with self._engine.connect() as connection:
            return connection.scalar(select(RateBucket.full_at_s).where(RateBucket.key == key)) or 0.0

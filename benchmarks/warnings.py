"""`python -m benchmarks.warnings`: what warning lists cost: reading them, and looking one address up.

Processor time, so that other programs on the machine matter less.
"""

import random
import statistics
import time
from pathlib import Path
from types import SimpleNamespace

from api.warninglists.lists import WarningLists

COUNT = 20_000
ROUNDS = 20


def values(draw):
    """Addresses as walls have them, one in ten on a list."""
    make = (
        lambda: ("telegram", f"qz_tuman_{draw.randrange(10**7)}"),
        lambda: ("domain", f"qz-{draw.randrange(10**7)}.biz"),
        lambda: ("domain", f"a{draw.randrange(10**6)}.соль-туман.рф"),
        lambda: ("phone", f"+7707{draw.randrange(10**7):07d}"),
        lambda: ("email", f"lis{draw.randrange(10**6)}@qz-tuman.kz"),
    )
    for number in range(COUNT):
        yield ("domain", f"a{number}.kaspi.kz") if number % 10 == 0 else draw.choice(make)()


def main():
    began, settings = time.process_time(), SimpleNamespace(folder=None, own_bots=(), left_out=())
    lists = WarningLists(settings)
    count = sum(len(each.entries) for each in lists.all)
    print(f"{len(lists.all)} lists, {count:,} entries: {time.process_time() - began:.2f} s of processor time to read")
    asked = list(values(random.Random(7)))
    size, took = COUNT // ROUNDS, []
    for start in range(0, COUNT, size):
        began = time.process_time()
        for kind, value in asked[start : start + size]:
            lists.check(kind, value)
        took.append((time.process_time() - began) / size * 1e6)
    size_kib = sum(path.stat().st_size for path in Path("api/warninglists/data").iterdir()) / 1024
    print(f"one address: median {statistics.median(took):.0f} µs, worst round {max(took):.0f} µs of processor time")
    print(f"our own lists: {size_kib:.0f} KiB")


if __name__ == "__main__":
    main()

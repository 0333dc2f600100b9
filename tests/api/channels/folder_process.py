"""A process that watches a folder until it is killed: `python folder_process.py SETTINGS`."""

import json
import sys
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))

from api.intake.channels.watched import folder_loop
from api.services import build
from api.settings import Settings

loop = folder_loop(build(Settings(**json.loads(sys.argv[1]))), "w")
loop._every_s = 0.01
loop.start()
threading.Event().wait()

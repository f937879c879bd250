"""Uses the servers of the checkout given as argument until it is killed; says when they run."""

import sys
import time
from pathlib import Path

from answering.runtime.addresses import Places
from answering.runtime.servers import running_servers

if __name__ == "__main__":
    with running_servers(Places(Path(sys.argv[1])), {}):
        sys.stdout.write("running\n")
        sys.stdout.flush()
        time.sleep(600)

"""Run in a release's environment: rows of backend, device, op, dtype, and why it lacks this."""

import json

from benchmarks import available

print(json.dumps(available.list_missing()))

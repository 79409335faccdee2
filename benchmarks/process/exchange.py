"""What the processes of one asv run leave for each other: one computes, the others read."""

import glob
import json
import os


def folder():
    """The folder, None outside of asv (in the tests)."""
    return os.environ.get("ULPWATCH_SCRATCH")


def remember(name, compute):
    """What ``compute()`` returns (plain values), computed once per release and run of asv."""
    if folder() is None:
        return compute()
    path = os.path.join(folder(), name + ".json")
    if os.path.exists(path):
        with open(path) as file:
            return json.load(file)
    value = compute()
    _write(path, value)
    return value


def keep(name, compute):
    """What ``compute()`` returns (plain values), computed once on this machine, whatever release
    asks, until the code that decides on an error changes (tools/foundation/code_digest.py)."""
    folder = os.environ.get("ULPWATCH_KEPT")
    if folder is None:
        return compute()
    path = os.path.join(folder, name + ".json")
    if not os.path.exists(path):
        value = compute()
        _write(path, value)
    with open(path) as file:
        return json.load(file)


def leave_answers(benchmark, answers):
    """Leave for asv's process what this benchmark's other parameters would give.

    ``answers`` maps tuples of parameters to numbers. tools/running/spawner.py then starts no
    process for them: that costs more than many an answer.
    """
    if folder() is not None:
        plain = [[benchmark, list(params), value] for params, value in answers.items()]
        _write(os.path.join(folder(), "answers-%s-%d.json" % (benchmark, os.getpid())), plain)


def load(name, missing):
    """The plain value in file ``name``, ``missing`` where there is none."""
    path = os.path.join(folder() or "", name)
    if folder() is None or not os.path.exists(path):
        return missing
    with open(path) as file:
        return json.load(file)


def leave(name, value):
    """Leave a plain value in file ``name`` for the processes to come."""
    if folder() is not None:
        _write(os.path.join(folder(), name), value)


def plan():
    """What tools/running/spawner.py was asked for: ``attributes`` (asv's -a), ``quick`` and
    ``selection``, which parameters of each benchmark (indices into their product; None: all)."""
    return load("plan.json", {"attributes": {}, "quick": False, "selection": {}})


def records():
    """The Records of this release and machine, this run's after earlier ones; none outside asv."""
    found = []
    path = os.environ.get("ULPWATCH_RECORDS", "")
    if os.path.exists(path):
        with open(path) as file:
            found += [json.loads(line) for line in file]
    for path in glob.glob(os.path.join(folder() or "", "record-*.json")):
        with open(path) as file:
            found += json.load(file).values()
    return found


def _write(path, value):
    """Beside, then renamed: a process that is killed leaves nothing half-written."""
    beside = "%s.%d.new" % (path, os.getpid())
    with open(beside, "w") as file:
        json.dump(value, file)
    os.rename(beside, path)

"""The small checkout's sandbox.server.server: the import-time checks, the config and the Python of the real one."""
import os
import re
import subprocess
import sys

from sandbox.server import api

CHECKOUT = os.path.abspath(os.path.join(__file__, "../../.."))


def check_docs():
    folder = os.path.join(CHECKOUT, "docs/build")
    if not os.path.isdir(folder):
        raise RuntimeError(f"Directory '{folder}' does not exist")


def read_config():
    """(isolation, max_concurrency) of the config that SANDBOX_CONFIG names."""
    path = os.path.join(CHECKOUT, "sandbox/configs", os.getenv("SANDBOX_CONFIG", "local") + ".yaml")
    with open(path) as file:
        block = re.search(r"^sandbox:\n((?: .*\n)+)", file.read(), re.M).group(1)
    values = dict(re.findall(r"^  (\w+): (\S+)$", block, re.M))
    assert values["isolation"] in ("none", "lite"), values
    assert {"cleanup_process", "restore_bash"} <= values.keys(), values
    return values["isolation"], int(values["max_concurrency"])


def conda_root():
    folder = os.path.dirname(sys.executable)
    while folder != "/" and not os.path.exists(os.path.join(folder, "condabin")):
        folder = os.path.dirname(folder)
    return folder


def runtime_python():
    activate = f'source "{conda_root()}/bin/activate" sandbox-runtime && command -v python'
    found = subprocess.run(["bash", "-c", activate], capture_output=True, text=True, check=True)
    return found.stdout.strip()


check_docs()
isolation, concurrency = read_config()
api.say(f"isolation {isolation}, max_concurrency {concurrency} [sandbox.configs.run_config]")
api.INTERPRETERS["python"] = [runtime_python()]
app = api.app

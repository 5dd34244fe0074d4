"""Stands in for a server without isolation: runs a line of bash in a folder of its own, as SandboxFusion does.

A line of input is `end COMMAND` or `stay COMMAND`: waited for, the folder removed after it, or left under way.
"""
import os
import shutil
import subprocess
import sys
import tempfile

worker = os.fork()
if worker:
    os.waitpid(worker, 0)
    sys.exit()
for line in sys.stdin:
    how, command = line.rstrip("\n").split(" ", 1)
    folder = tempfile.mkdtemp(dir="/tmp")
    program = subprocess.Popen(["/bin/bash", "-c", command], cwd=folder)
    if how == "end":
        program.wait()
        shutil.rmtree(folder, ignore_errors=True)
    print(folder, flush=True)

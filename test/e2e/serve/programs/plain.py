"""Runs one program as a shell on this machine would: real pipes, its own session, no capabilities, no limits.

Reads a JSON object {folder, file, code, compile, run, stdin, env, timeouts, files} and prints what it did."""

import base64
import json
import os
import shutil
import subprocess
import sys

UNPRIVILEGED = ["setpriv", "--no-new-privs", "--inh-caps=-all", "--bounding-set=-all", "--"]


def stage(name, stdin, asked):
    words = (UNPRIVILEGED if os.geteuid() == 0 else []) + asked[name]
    child = subprocess.Popen(
        words,
        cwd=asked["folder"],
        env=asked["env"],
        start_new_session=True,
        stdin=subprocess.DEVNULL if not stdin else subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        out, err = child.communicate(stdin.encode() if stdin else None, timeout=asked["timeouts"][name])
        code = child.returncode
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, 9)
        out, err = child.communicate()
        code = None
    return {"code": code, "stdout": base64.b64encode(out).decode(), "stderr": base64.b64encode(err).decode()}


def main():
    asked = json.load(sys.stdin)
    os.makedirs(asked["folder"], mode=0o700)
    try:
        for path, content in {**asked["files"], asked["file"]: asked["code"]}.items():
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as file:
                file.write(base64.b64decode(content))
        answer = {}
        if asked["compile"]:
            answer["compile"] = stage("compile", None, asked)
        if answer.get("compile", {"code": 0})["code"] == 0:
            answer["run"] = stage("run", asked["stdin"], asked)
        print(json.dumps(answer))
    finally:
        shutil.rmtree(asked["folder"], ignore_errors=True)


main()

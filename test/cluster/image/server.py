"""The test image's sandbox.server.server: SandboxFusion's wire manners, really running programs.

POST /run_code runs Python or bash and answers with SandboxFusion's keys in their
order; programs get the server's whole environment, as they do from the real one.
"""
import json
import os
import signal
import subprocess
import tempfile
import time

ROUTES = {"/run_code": "POST", "/v1/ping": "GET"}
INTERPRETERS = {"python": ["/usr/bin/python3"], "bash": ["/bin/bash"]}
SUFFIXES = {"python": ".py", "bash": ".sh"}
REQUIRED = ("code", "language")


def say(line):
    print(line, flush=True)


def problem(kind, loc, msg, given, **more):
    return {"type": kind, "loc": loc, "msg": msg, "input": given, **more}


def validate(body):
    """(values, problems) of a request's body, in the words of pydantic."""
    if not body:
        return None, [problem("missing", ["body"], "Field required", None)]
    try:
        request = json.loads(body)
    except json.JSONDecodeError as e:
        return None, [problem("json_invalid", ["body", e.pos], "JSON decode error", {}, ctx={"error": e.msg})]
    if not isinstance(request, dict):
        wanted = "Input should be a valid dictionary or object to extract fields from"
        return None, [problem("model_attributes_type", ["body"], wanted, request)]
    given, problems = dict(request), []
    for name in REQUIRED:
        if name not in request:
            problems.append(problem("missing", ["body", name], "Field required", given))
    for name in ("code", "stdin"):
        value = request.get(name)
        optional = name == "stdin" and value is None
        if name in request and not optional and not isinstance(value, str):
            problems.append(problem("string_type", ["body", name], "Input should be a valid string", value))
    if "language" in request and request["language"] not in INTERPRETERS:
        wanted = " or ".join(f"'{name}'" for name in INTERPRETERS)
        problems.append(problem("literal_error", ["body", "language"], f"Input should be {wanted}",
                                request["language"], ctx={"expected": wanted}))
    try:
        request["run_timeout"] = float(request.get("run_timeout", 10))
    except (TypeError, ValueError):
        problems.append(problem("float_parsing", ["body", "run_timeout"],
                                "Input should be a valid number, unable to parse string as a number",
                                request["run_timeout"]))
    return request, problems


def text(output):
    try:
        return output.decode()
    except UnicodeDecodeError as e:
        return f"[DecodeError] {e}"


def run(request):
    code, language = request["code"], request["language"]
    say(f"DEBUG: start processing {language} request with code ```\n{code[:100]}\n``` [sandbox.server.sandbox_api]")
    with tempfile.TemporaryDirectory() as folder:
        handle, path = tempfile.mkstemp(suffix=SUFFIXES[language], dir=folder)
        with os.fdopen(handle, "w") as file:
            file.write(code)
        command = [*INTERPRETERS[language], path]
        say(f"DEBUG: running command {' '.join(command)} [sandbox.runners.base]")
        started = time.monotonic()
        program = subprocess.Popen(command, cwd=folder, start_new_session=True, stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        given = (request.get("stdin") or "").encode()
        limit = max(request["run_timeout"], 0)
        try:
            out, err = program.communicate(given, timeout=limit)
            status, code = "Finished", program.returncode
        except subprocess.TimeoutExpired:
            os.killpg(program.pid, signal.SIGKILL)
            out, err = program.communicate()
            status, code = "TimeLimitExceeded", None
        took = time.monotonic() - started
    result = {"status": status, "execution_time": took, "return_code": code, "stdout": text(out), "stderr": text(err)}
    return {"status": "Success" if code == 0 else "Failed", "message": "", "compile_result": None,
            "run_result": result, "executor_pod_name": os.environ.get("MY_POD_NAME"), "files": {}}


def app(method, path, body):
    """(HTTP status, JSON value) for one request."""
    if path not in ROUTES:
        return 404, {"detail": "Not Found"}
    if method != ROUTES[path]:
        return 405, {"detail": "Method Not Allowed"}
    if path == "/v1/ping":
        return 200, "pong"
    request, problems = validate(body)
    return (422, {"detail": problems}) if problems else (200, run(request))

import ast
import asyncio
import base64
import functools
import http.client
import json
import os
import random
import re
import secrets
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any, Callable, Dict, Iterable, Iterator, List, Optional, Sequence, Tuple, Union
from urllib.parse import urlsplit

__all__ = [
    "FLEET", "GENERATION", "URLS", "HOSTS", "AUTH", "SERVERS",
    "Result", "Verdict", "SandboxInfraError", "use", "run", "judge", "judge_many", "arun", "ajudge", "ajudge_many",
    "code_exec_sandboxfusion", "code_exec_sandboxfusion_with_pytest", "compute_score", "nemo_gym", "rllm",
]

#: Seconds that a program may run, and compile, where the caller does not say: SandboxFusion's own defaults.
DEFAULT_TIMEOUT = 10.0
#: Seconds that a call waits for a server beyond the program's own time.
DEFAULT_PATIENCE = 60.0
#: Answers of a sandbox that failed, after which a call gives up. Refused connections do not count.
MAX_TRIES = 5
#: Seconds beyond the program's own time that one server of several may take: its queue, and the way.
SERVER_SLACK = 15.0
#: Seconds for which a server may answer after its job was ended.
SHUTDOWN = 1.0
#: Seconds by which two machines may measure one run differently.
CLOCK_TOLERANCE = 0.1
#: Seconds of a health check, and of a connection.
CANARY_TIMEOUT, CONNECT_TIMEOUT = 10.0, 5.0
#: Seconds in which a server that failed comes last.
COOLDOWN = 5.0
#: Seconds between two looks at the endpoints file.
REFRESH = 2.0
#: Bytes of the longest answer that is read: a server of ours sends less.
MAX_ANSWER = 2**29


class SandboxInfraError(Exception):
    """The sandbox failed, not the program: the sample must not be scored."""


@dataclass(frozen=True)
class Result:
    """How a program ended, or why it could not run."""

    #: It compiled, ran and ended with exit code 0.
    ok: bool
    stdout: str = ""
    stderr: str = ""
    #: None where it did not end by itself; negative: the number of the signal that ended it.
    exit_code: Optional[int] = None
    timed_out: bool = False
    #: It was ended because it used more memory than its limit.
    memory: bool = False
    #: It did not compile; stdout and stderr are the compiler's.
    compile_error: bool = False
    #: The sandbox failed, not the program.
    infra: bool = False
    #: No sandbox would run this request, for example because of its language.
    invalid: bool = False
    #: Why it is not ok; empty where it is.
    reason: str = ""
    #: A gateway has verified the answer.
    verified: bool = False
    #: Seconds that it ran, as the server measured.
    seconds: Optional[float] = None
    #: Those of fetch_files that were there.
    files: Dict[str, bytes] = field(default_factory=dict)
    #: The server or gateway that answered.
    url: Optional[str] = None
    #: The whole answer.
    response: Optional[Dict[str, Any]] = None


@dataclass(frozen=True)
class Verdict:
    """What the tests say of a program."""

    #: passed, failed, timeout, compile_error, infra or invalid.
    verdict: str
    #: The test that decided: its number from 0, or its name under pytest. None where there is none.
    test: Union[int, str, None] = None
    reason: str = ""
    #: The run that decided.
    result: Optional[Result] = None

    @property
    def passed(self) -> bool:
        return self.verdict == "passed"

    @property
    def mask(self) -> bool:
        """True where the sandbox failed: leave the sample out, it says nothing of the program."""
        return self.verdict == "infra"

    @property
    def reward(self) -> Optional[float]:
        """1.0 or 0.0; None where nothing was judged: the sandbox failed, or the tests are no tests."""
        if self.verdict in ("infra", "invalid"):
            return None
        return 1.0 if self.passed else 0.0


# ------------------------------------------------------------------------------------------- where the servers are

_chosen: Optional[List[str]] = None


def use(urls: Union[str, Sequence[str], None]) -> None:
    """Runs on these servers or gateways (base URLs) from now on; None: on the fleet again."""
    global _chosen
    _chosen = None if urls is None else [_base(url) for url in ([urls] if isinstance(urls, str) else urls)]


def _base(url: str) -> str:
    url = url.strip().rstrip("/")
    url = url[: -len("/run_code")] if url.endswith("/run_code") else url
    return url if "://" in url else "http://" + url


def _state_folder() -> str:
    own = os.environ.get("SANDBOXCTL_STATE_DIR")
    if own:
        return own
    return os.path.join(os.environ.get("XDG_STATE_HOME") or os.path.expanduser("~/.local/state"), "sandboxctl")


class _Endpoints:
    """The fleet's endpoints file, read again when it changes; where there is none, what stood here when this was written."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.looked = -REFRESH
        self.seen: Tuple[int, int] = (0, 0)
        self.gateway: List[str] = []
        self.servers: List[Tuple[str, Optional[str]]] = []

    def urls(self) -> Tuple[List[str], bool]:
        """Base URLs, and whether each is a gateway, which checks failures itself."""
        if _chosen is not None:
            return _chosen, False
        # `sandboxctl exec` sets both, to its own gateway.
        by_exec, run_url = os.environ.get("SANDBOX_FUSION_ENDPOINT"), os.environ.get("SANDBOX_FUSION_URL")
        if by_exec and run_url == by_exec.rstrip("/") + "/run_code":
            return [_base(by_exec)], True
        with self.lock:
            if time.monotonic() - self.looked >= REFRESH:
                self.looked = time.monotonic()
                self.read()
            if self.gateway:
                return self.gateway, True
            now = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime())
            servers = [url for url, ends in self.servers if ends is None or ends > now]
        if self.seen != (0, 0):
            return servers, False
        return [_base(url) for url in URLS], GATEWAY

    def read(self) -> None:
        path = os.path.join(_state_folder(), "fleets", FLEET, "endpoints.json")
        try:
            stat = os.stat(path)
            if (stat.st_mtime_ns, stat.st_ino) == self.seen:
                return
            with open(path, encoding="utf-8") as text:
                file = json.load(text)
            gateway = file["gateway"]
            ready = [each for each in file["endpoints"] if each["state"] == "ready" and each["reachable"] is not False]
            self.servers = [(each["url"], each["expires_at"]) for each in ready]
            self.gateway = [gateway["url"]] if gateway and gateway["state"] == "ready" else []
            self.seen = (stat.st_mtime_ns, stat.st_ino)
        except (OSError, ValueError, KeyError, TypeError):
            return


class _Balancer:
    """The least busy server, those that failed lately last; and one health check at a time for each."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.busy: Dict[str, int] = {}
        self.failed_at: Dict[str, float] = {}
        self.canaries: Dict[str, _Canary] = {}
        self.records: Dict[str, _Record] = {}

    def choose(self, urls: Sequence[str], tried: Sequence[str]) -> str:
        with self.lock:
            now = time.monotonic()

            def cost(url: str) -> Tuple[int, bool, int, float]:
                cooling = now - self.failed_at.get(url, -COOLDOWN) < COOLDOWN
                return tried.count(url), cooling, self.busy.get(url, 0), random.random()

            url = min(urls, key=cost)
            self.busy[url] = self.busy.get(url, 0) + 1
            return url

    def ended(self, url: str, failed: bool) -> None:
        with self.lock:
            self.busy[url] -= 1
            if failed:
                self.failed_at[url] = time.monotonic()

    def stands_out(self, url: str, urls: Sequence[str], failed: bool) -> bool:
        """Counts a program that has ended there; whether its failure is one that another server must confirm."""
        with self.lock:
            record = self.records.setdefault(url, _Record())
            record.add(failed)
            return failed and record.stands_out([self.records.get(each, _Record()) for each in urls if each != url])

    def settle(self, url: str, confirmed: bool) -> None:
        with self.lock:
            self.records.setdefault(url, _Record()).settle(confirmed)

    def well(self, url: str) -> bool:
        """Whether a health check that began after this call passes."""
        with self.lock:
            canary = self.canaries.setdefault(url, _Canary(url))
        ok = canary.after(time.monotonic())
        if not ok:
            with self.lock:
                self.failed_at[url] = time.monotonic()
        return ok


class _Record:
    """How programs end on one server. One that is well and fails everything else is found out by others."""

    def __init__(self) -> None:
        self.programs = self.failures = 0.0
        self.streak = self.to_confirm = 0
        self.proven = False
        self.penalty = 3

    def add(self, failed: bool) -> None:
        if self.programs >= 100:
            self.programs, self.failures = self.programs / 2, self.failures / 2
        self.programs += 1
        self.failures += failed
        self.streak = self.streak + 1 if failed else 0
        self.proven = self.proven or not failed

    def stands_out(self, peers: Sequence["_Record"]) -> bool:
        if not peers:
            return False
        if not self.proven or self.to_confirm:
            return True
        programs = sum(each.programs for each in peers)
        if self.streak < 3 or programs < 4:
            return False
        # A streak that is so unlikely by chance, as often as programs fail elsewhere.
        return max(0.1, sum(each.failures for each in peers) / programs) ** self.streak < 0.011

    def settle(self, confirmed: bool) -> None:
        if confirmed:
            self.streak, self.proven, self.to_confirm = 0, True, max(0, self.to_confirm - 1)
        else:
            self.to_confirm, self.penalty = self.penalty, min(2 * self.penalty, 48)


class _Canary:
    def __init__(self, url: str) -> None:
        self.url = url
        self.lock = threading.Lock()
        self.began = float("-inf")
        self.ok = False

    def after(self, moment: float) -> bool:
        # Whoever waited for the lock shares the check that began meanwhile.
        with self.lock:
            if self.began < moment:
                self.began = time.monotonic()
                self.ok = self.check()
            return self.ok

    def check(self) -> bool:
        word = secrets.token_hex(8)
        body = {
            "language": "python", "stdin": word, "run_timeout": CANARY_TIMEOUT, "compile_timeout": CANARY_TIMEOUT,
            "code": "import sys; print(input()); print('e', file=sys.stderr); sys.exit(3)",
        }
        result = _post(self.url, body, CANARY_TIMEOUT + SERVER_SLACK)
        return result.exit_code == 3 and result.stdout.strip() == word and result.stderr.strip() == "e"


_endpoints = _Endpoints()
_balancer = _Balancer()
_pool: Optional[ThreadPoolExecutor] = None


def _after_fork() -> None:
    # Locks that other threads held at the fork stay locked in the child for ever.
    global _endpoints, _balancer, _pool
    _endpoints, _balancer, _pool = _Endpoints(), _Balancer(), None


# Loaded here: a thread that imports what host names and headers need while another forks leaves the child an import
# lock that nobody opens.
for _codec in ("idna", "ascii", "latin-1", "utf-8"):
    "x".encode(_codec)

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


# ------------------------------------------------------------------------------------------------------ one request


def _token() -> Optional[str]:
    path = os.environ.get("SANDBOXCTL_TOKEN_FILE")
    if path:
        with open(path, encoding="utf-8") as file:
            return file.read().strip()
    return os.environ.get("SANDBOXCTL_TOKEN")


def _infra(reason: str, url: Optional[str] = None) -> Result:
    return Result(False, infra=True, reason=reason, url=url)


def _post(url: str, body: Dict[str, Any], seconds: float) -> Result:
    """One try on one server. A connection that was not made has a reason that begins with `no connection`."""
    deadline = time.monotonic() + seconds
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    # http.client asks no proxy, and a connection of its own for each run survives forks and restarts.
    connection = kind(parts.hostname or "", parts.port, timeout=min(CONNECT_TIMEOUT, seconds))
    try:
        try:
            connection.connect()
        except OSError as error:
            return _infra("no connection: {}".format(error), url)
        headers = {"Content-Type": "application/json", "X-Sandboxctl-Patience": "{:.1f}".format(seconds)}
        token = _token()
        if token:
            headers["Authorization"] = "Bearer " + token
        connection.sock.settimeout(seconds)
        connection.request("POST", parts.path + "/run_code", json.dumps(body).encode("ascii"), headers)
        answer = connection.getresponse()
        chunks = []
        size = 0
        while True:
            left = deadline - time.monotonic()
            if left <= 0:
                return _infra("no answer within {:.0f} s".format(seconds), url)
            if connection.sock is not None:
                connection.sock.settimeout(left)
            chunk = answer.read1(2**20)
            if not chunk:
                break
            size += len(chunk)
            if size > MAX_ANSWER:
                return _infra("an answer of more than {} bytes".format(MAX_ANSWER), url)
            chunks.append(chunk)
        if answer.length:
            return _infra("the answer was cut", url)
        return _read(url, answer.status, answer.headers, b"".join(chunks))
    except socket.timeout:
        return _infra("no answer within {:.0f} s".format(seconds), url)
    except (OSError, http.client.HTTPException) as error:
        return _infra("no answer: {}: {}".format(type(error).__name__, error), url)
    finally:
        connection.close()


#: SandboxErrors that are the request's fault, of servers that mark nothing: the end of the message alone is the
#: server's own, before it stands the program, which may say anything.
_REQUEST_FAULTS = re.compile(
    r": (Incorrect padding|Non-base64 digit found|surrogates not allowed|embedded null byte) None$"
    r"|: Invalid base64-encoded string: number of data characters \(\d+\) cannot be 1 more than a multiple of 4 None$"
    r"|: '\w+' None$|^Object name not found\.$"
)
_SYSTEM_ERROR = re.compile(r"\[Errno \d+\] [\w ]+: '\w+' None$")


def _is_request_fault(response: Dict[str, Any], headers: Any) -> bool:
    marks = response.get("sandboxctl") or {}
    if headers.get("X-Sandboxctl-Request-Error") is not None or marks.get("fault") == "request":
        return True
    end = response["message"][-200:]
    return _REQUEST_FAULTS.search(end) is not None and _SYSTEM_ERROR.search(end) is None


def _read(url: str, status: int, headers: Any, body: bytes) -> Result:
    marked = headers.get("X-Sandboxctl-Infra-Error")
    if marked is not None:
        return _infra(marked, url)
    if status >= 500 or status in (408, 429) or 300 <= status < 400:
        return _infra("HTTP {}".format(status), url)
    text = body.decode("utf-8", "replace")
    if status != 200:
        # The request's own fault, if another server says the same.
        return replace(_infra("HTTP {}: {}".format(status, text[:300]), url), response={"status": "refused"})
    try:
        response = json.loads(text)
        state, message = response["status"], response["message"]
        compiled, ran = response.get("compile_result"), response.get("run_result")
        last = ran or compiled
        if state not in ("Success", "Failed", "SandboxError") or (state != "SandboxError" and not last):
            raise ValueError("not an answer of /run_code")
        if not all(_is_result(each) for each in (compiled, ran) if each is not None):
            raise ValueError("not a result of /run_code")
        if state == "SandboxError":
            fault = _is_request_fault(response, headers)
            reason = "SandboxError: " + message[-300:]
            return Result(False, infra=not fault, invalid=fault, reason=reason, url=url, response=response)
        return _ended(url, response, compiled, ran, last, headers.get("X-Sandboxctl-Verified") is not None)
    except (ValueError, KeyError, TypeError, AttributeError):
        return _infra("the answer is not one of /run_code: {!r}".format(text[:100]), url)


def _is_result(result: Dict[str, Any]) -> bool:
    texts = all(isinstance(result[key], (str, type(None))) for key in ("stdout", "stderr"))
    known = result["status"] in ("Finished", "Error", "TimeLimitExceeded")
    return texts and known and isinstance(result["return_code"], (int, type(None)))


def _ended(url: str, response: Dict[str, Any], compiled: Any, ran: Any, last: Dict[str, Any], verified: bool) -> Result:
    extras = last.get("sandboxctl") or {}
    timed_out = last["status"] == "TimeLimitExceeded"
    code = last.get("return_code")
    ok = response["status"] == "Success"
    stderr = last.get("stderr") or ""
    compile_error = compiled is not None and ran is None and not timed_out
    killed = extras.get("killed")
    if ok:
        reason = ""
    elif timed_out:
        reason = "time limit exceeded"
    elif killed:
        reason = "killed: " + killed
    else:
        said = [line for line in stderr.splitlines() if line.strip()]
        # A compiler names the first error first, an interpreter last.
        named = [line for line in said if compile_error and re.search("error", line, re.I)][:1] or said[-1:]
        reason = ": ".join(["exit code {}".format(code)] + [line.strip()[:300] for line in named])
    files = {path: base64.b64decode(text) for path, text in (response.get("files") or {}).items() if text is not None}
    return Result(
        ok, last.get("stdout") or "", stderr, code, timed_out, killed == "memory", compile_error,
        reason=reason, verified=verified, seconds=last.get("execution_time"), files=files, url=url, response=response,
    )


# ------------------------------------------------------------------------------------------------- run, and check it


def run(
    code: str,
    language: str = "python",
    *,
    stdin: Optional[str] = None,
    timeout: float = DEFAULT_TIMEOUT,
    compile_timeout: Optional[float] = None,
    memory_limit_mb: Optional[int] = None,
    files: Optional[Dict[str, bytes]] = None,
    fetch_files: Sequence[str] = (),
    patience: float = DEFAULT_PATIENCE,
    on_infra: str = "mask"
) -> Result:
    """
    Runs one program. Times are in seconds: the program's own, and `patience` for all that comes beside.

    Where the sandbox fails, other servers are tried; if all fail, the result has `infra` (on_infra="mask") or
    SandboxInfraError is raised (on_infra="raise"). A program's own failure is a result.
    """
    if on_infra not in ("mask", "raise"):
        raise ValueError("on_infra is 'mask' or 'raise', not {!r}".format(on_infra))
    own = timeout + (DEFAULT_TIMEOUT if compile_timeout is None else compile_timeout)
    body: Dict[str, Any] = {"code": code, "language": language, "run_timeout": timeout}
    body["compile_timeout"] = own - timeout
    if stdin is not None:
        body["stdin"] = stdin
    if memory_limit_mb is not None:
        body["memory_limit_MB"] = memory_limit_mb
    if files:
        body["files"] = {path: base64.b64encode(content).decode() for path, content in files.items()}
    if fetch_files:
        body["fetch_files"] = list(fetch_files)
    result = _tries(body, own, patience)
    if result.infra and on_infra == "raise":
        raise SandboxInfraError(result.reason)
    return result


def _tries(body: Dict[str, Any], own: float, patience: float) -> Result:
    deadline = time.monotonic() + own + patience
    tried: List[str] = []
    claims: List[Tuple[str, str]] = []
    answers = 0
    result = _infra("no server is known")
    while True:
        urls, gateway = _endpoints.urls()
        left = deadline - time.monotonic()
        if left <= 0 or answers >= MAX_TRIES:
            return result
        if urls:
            url = _balancer.choose(urls, tried)
            result = _infra("the caller went away", url)
            began = time.monotonic()
            try:
                result = _post(url, body, left if gateway else min(left, own + SERVER_SLACK))
                if gateway and (result.response or {}).get("status") == "refused":
                    return replace(result, infra=False, invalid=True)
                if not gateway and not result.verified:
                    result = _verified(result, body, own, urls, time.monotonic() - began)
            finally:
                _balancer.ended(url, result.infra)
            if not result.infra:
                return result
            tried.append(url)
            if _agreed(claims, result, urls):
                return replace(result, infra=False, invalid=True)
            answers += 0 if result.reason.startswith("no connection") else 1
        # Jitter: what failed together must not come back at the same moment.
        rounds = len(tried) // max(1, len(urls))
        pause = 1.0 if not urls else 0.0 if rounds == 0 else min(2.0, 0.1 * 2 ** (rounds - 1)) * random.uniform(0.5, 1)
        time.sleep(max(0.0, min(pause, deadline - time.monotonic())))


#: Each run has another folder, and objects other addresses: two servers never agree on those.
_RANDOM_PARTS = re.compile(r"(?<=/tmp/)[\w-]+|0x[0-9a-f]+|[0-9a-f]{8}-[0-9a-f-]{27}", re.I)


def _agreed(claims: List[Tuple[str, str]], result: Result, urls: Sequence[str]) -> bool:
    """Whether two healthy servers, or the only one twice, say the same of a request: then it is at fault itself."""
    if (result.response or {}).get("status") not in ("SandboxError", "refused"):
        return False
    url, claim = result.url or "", _RANDOM_PARTS.sub("*", result.reason)
    seen = [other for other, said in claims if said == claim and (other != url or len(urls) == 1)]
    claims.append((url, claim))
    return bool(seen) and _balancer.well(seen[0]) and _balancer.well(url)


def _verified(result: Result, body: Dict[str, Any], own: float, urls: Sequence[str], seconds: float) -> Result:
    """A failure is the program's only if its server is well after it said so."""
    url = result.url or ""
    if result.infra or result.invalid:
        return result
    if result.ok and result.stdout != "":
        _balancer.stands_out(url, urls, False)
        return result
    if result.exit_code in _ENDED_BY_SIGNAL and not ((result.response or {}).get("run_result") or {}).get("sandboxctl"):
        # Slurm ends programs and their server at once, but the server answers a little longer.
        time.sleep(SHUTDOWN)
    if not _balancer.well(url):
        return _infra("unverified: {}".format(result.reason or "no output"), url)
    if result.timed_out and seconds < _limit(result, body) * 0.98 - CLOCK_TOLERANCE:
        # Nobody's program times out before its time is up, unless two servers say so.
        others = [each for each in urls if each != url] or [url]
        second = _post(random.choice(others), body, own + SERVER_SLACK)
        return second if second.timed_out or second.ok else _infra("a time-out before its time", url)
    if not result.ok:
        if _balancer.stands_out(url, urls, True):
            second = _post(random.choice([each for each in urls if each != url]), body, own + SERVER_SLACK)
            if not second.infra and not second.invalid:
                _balancer.settle(url, not second.ok)
                return second if second.ok else result
        return result
    if not (result.response or {}).get("sandboxctl"):
        # SandboxFusion loses output under load: a second server says whether there was none.
        others = [each for each in urls if each != url] or [url]
        second = _post(random.choice(others), body, own + SERVER_SLACK)
        return second if second.ok and second.stdout else result
    return result


#: How Slurm ends the programs of a job: return codes of Python, and of a shell.
_ENDED_BY_SIGNAL = (-15, -9, 143, 137)


def _limit(result: Result, body: Dict[str, Any]) -> float:
    ran = (result.response or {}).get("run_result") is not None
    return float(body["run_timeout" if ran else "compile_timeout"])


# ------------------------------------------------------------------------------------------------------------ judge


def judge(
    code: str,
    tests: Any,
    language: str = "python",
    *,
    timeout: float = DEFAULT_TIMEOUT,
    compile_timeout: Optional[float] = None,
    memory_limit_mb: Optional[int] = None,
    patience: float = DEFAULT_PATIENCE,
    on_infra: str = "mask",
    compare: Optional[Callable[[str, str], bool]] = None
) -> Verdict:
    """
    Judges a program by tests, which are one of:

    - a list of Python statements such as "assert add(1, 2) == 3", or one string of them;
    - a string with pytest's test functions;
    - a list of (stdin, stdout) pairs, or of dicts with `input` and `output`;
    - a dict {"inputs": [...], "outputs": [...]}, or {"assert_case": [...]}, or the JSON text of one; with `fn_name`
      that function, or that method of a class `Solution`, is called and its value compared.

    stdout is compared line by line, without trailing white space, unless `compare(got, expected)` says otherwise.
    `timeout` is for each run: each pair of stdin and stdout is one, all assertions together are one.
    """
    limits = {
        "timeout": timeout, "compile_timeout": compile_timeout, "memory_limit_mb": memory_limit_mb,
        "patience": patience, "on_infra": on_infra,
    }
    try:
        code.encode("utf-8")
    except UnicodeEncodeError as error:
        return Verdict("failed", None, "the program is no text: {}".format(error))
    try:
        kind, cases = _tests(tests)
    except ValueError as error:
        return Verdict("invalid", None, str(error))
    if kind == "stdio":
        return _judge_stdio(code, cases, language, limits, compare or _same)
    if language not in ("python", "pytest"):
        return Verdict("invalid", None, "assertions judge Python alone; give {} programs stdin and stdout".format(language))
    if kind == "pytest":
        return _judge_pytest(code, cases, limits)
    if kind == "calls":
        return _judge_calls(code, cases[0], cases[1], limits)
    return _judge_asserts(code, cases, limits)


_PYTEST = re.compile(r"^\s*(async\s+)?def test|^\s*class Test|^(import|from) pytest", re.M)


def _tests(tests: Any) -> Tuple[str, Any]:
    if isinstance(tests, str):
        if tests.lstrip()[:1] in ("{", "["):
            try:
                return _tests(json.loads(tests))
            except json.JSONDecodeError:
                pass
        if not tests.strip():
            raise ValueError("there are no tests")
        return ("pytest", tests) if _PYTEST.search(tests) else ("asserts", _statements(tests))
    if isinstance(tests, dict):
        if isinstance(tests.get("assert_case"), (list, tuple)):
            return _tests(list(tests["assert_case"]))
        inputs, outputs = tests.get("inputs"), tests.get("outputs")
        if not isinstance(inputs, (list, tuple)) or not isinstance(outputs, (list, tuple)) or len(inputs) != len(outputs):
            raise ValueError("a dict of tests has `inputs` and `outputs` of one length, or `assert_case`")
        if tests.get("fn_name"):
            return "calls", (str(tests["fn_name"]), [(_arguments(given), value) for given, value in zip(inputs, outputs)])
        tests = list(zip(inputs, outputs))
    tests = list(tests) if isinstance(tests, (list, tuple)) else []
    if not tests:
        raise ValueError("there are no tests")
    if all(isinstance(each, str) for each in tests):
        return "asserts", tests
    return "stdio", [_pair(each) for each in tests]


def _arguments(given: Any) -> List[Any]:
    """A list holds a function's arguments; a text has one in each line, as JSON, which is how verl reads it."""
    if isinstance(given, (list, tuple)):
        return list(given)
    if not isinstance(given, str):
        return [given]
    try:
        return [json.loads(line) for line in given.split("\n") if line.strip()]
    except ValueError as error:
        raise ValueError("arguments of a call are one JSON value a line: {!r}: {}".format(given[:200], error))


def _pair(test: Any) -> Tuple[str, str]:
    if isinstance(test, dict):
        given = [test[key] for key in ("input", "stdin") if key in test]
        expected = [test[key] for key in ("output", "stdout", "expected") if key in test]
        test = (given[0] if given else "", expected[0] if expected else None)
    if not isinstance(test, (list, tuple)) or len(test) != 2:
        raise ValueError("no test of stdin and stdout: {!r}".format(test)[:200])
    given, expected = (("\n".join(map(str, each)) if isinstance(each, (list, tuple)) else each) for each in test)
    if not isinstance(given, str) or not isinstance(expected, str):
        raise ValueError("stdin and stdout of a test are text: {!r}".format(test)[:200])
    return given, expected


def _statements(text: str) -> List[str]:
    """The statements of a script, one a test; the whole as one where this Python cannot read it."""
    try:
        lines = text.splitlines(True)
        body = ast.parse(text).body
        starts = [min([node.lineno] + [each.lineno for each in getattr(node, "decorator_list", [])]) for node in body]
        if len(set(starts)) != len(starts):
            return [text]
        ends = starts[1:] + [len(lines) + 1]
        return ["".join(lines[start - 1 : end - 1]) for start, end in zip(starts, ends)] or [text]
    except (SyntaxError, ValueError):
        return [text]


def _same(got: str, expected: str) -> bool:
    def lines(text: str) -> List[str]:
        return [line.rstrip() for line in text.rstrip().split("\n")]

    return lines(got) == lines(expected)


def _not_run(result: Result, test: Union[int, str, None]) -> Optional[Verdict]:
    """The verdict of a run that never came to its tests."""
    for kind, holds in (("infra", result.infra), ("invalid", result.invalid), ("compile_error", result.compile_error)):
        if holds:
            return Verdict(kind, None if kind == "compile_error" else test, result.reason, result)
    return None


def _judge_stdio(code: str, cases: Any, language: str, limits: Dict[str, Any], same: Callable[[str, str], bool]) -> Verdict:
    result = None
    for index, (given, expected) in enumerate(cases):
        result = run(code, language, stdin=given, **limits)
        undecided = _not_run(result, index)
        if undecided is not None:
            return undecided
        if result.timed_out:
            return Verdict("timeout", index, result.reason, result)
        if not result.ok:
            kind = "compile_error" if language == "python" and _unparsed(result) else "failed"
            return Verdict(kind, index, result.reason, result)
        if not same(result.stdout, expected):
            reason = "wrong output: {!r} instead of {!r}".format(result.stdout[:200], expected[:200])
            return Verdict("failed", index, reason, result)
    return Verdict("passed", None, "", result)


def _unparsed(result: Result) -> bool:
    """Whether Python could not even read the program."""
    lines = result.stderr.strip().splitlines()
    broken = bool(lines) and re.match(r"(Syntax|Indentation|Tab)Error:", lines[-1]) is not None
    return broken and "Traceback (most recent call last)" not in result.stderr


def _judge_asserts(code: str, tests: Sequence[str], limits: Dict[str, Any]) -> Verdict:
    # A program that ends itself with 0 before its tests has passed none: each test reports, by a word of this run.
    word = secrets.token_hex(16)
    lines = ["\n__import__('os').write(1, b'\\n{} {}\\n')".format(word, index) for index in range(len(tests))]
    script = code + "\n\n" + "\n".join(test + line for test, line in zip(tests, lines)) + "\n"
    result = run(script, **limits)
    done = 0
    while "\n{} {}\n".format(word, done) in result.stdout:
        done += 1
    result = replace(result, stdout=re.sub("\n{} [0-9]+\n".format(word), "", result.stdout))
    undecided = _not_run(result, done)
    if undecided is not None:
        return undecided
    if result.timed_out:
        return Verdict("timeout", done, result.reason, result)
    if result.ok and done == len(tests):
        return Verdict("passed", None, "", result)
    if _unparsed(result):
        return Verdict("compile_error", None, result.reason, result)
    reason = "it ended before the tests did" if result.ok else result.reason
    return Verdict("failed", min(done, len(tests) - 1), reason, result)


#: What solutions of call-based problems use without an import: verl puts it before them too.
_COMMON = "string re datetime collections heapq bisect copy math random statistics itertools functools operator io sys json"
_CALL = '''

def __call_the_function():
    import json, os, sys
    arguments = [json.loads(line) for line in sys.stdin.read().splitlines()]
    names = globals()
    function = names[{name!r}] if {name!r} in names else getattr(names["Solution"](), {name!r})
    value = json.dumps(function(*arguments), default=str)
    sys.stdout.flush()
    os.write(1, ("\\n{word} " + value + "\\n").encode("ascii"))


__call_the_function()
'''


def _judge_calls(code: str, name: str, cases: Sequence[Tuple[List[Any], Any]], limits: Dict[str, Any]) -> Verdict:
    word = secrets.token_hex(16)
    stars = "".join("from {} import *\n".format(module) for module in _COMMON.split() + ["builtins", "typing"])
    imports = stars + "".join("import {}\n".format(module) for module in _COMMON.split())
    # What imports from the future must come first.
    script = ("" if "__future__" in code else imports) + code + _CALL.format(name=name, word=word)
    result = None
    for index, (arguments, expected) in enumerate(cases):
        result = run(script, stdin="".join(json.dumps(each) + "\n" for each in arguments), **limits)
        undecided = _not_run(result, index)
        if undecided is not None:
            return undecided
        if result.timed_out:
            return Verdict("timeout", index, result.reason, result)
        if not result.ok:
            return Verdict("compile_error" if _unparsed(result) else "failed", index, result.reason, result)
        said = re.search("\n{} (.*)\n$".format(word), result.stdout)
        if said is None:
            return Verdict("failed", index, "it ended before the tests did", result)
        result = replace(result, stdout=result.stdout[: said.start()])
        value = json.loads(said.group(1))
        if not _is_value(value, expected):
            reason = "wrong value: {!r} instead of {!r}".format(value, expected)[:500]
            return Verdict("failed", index, reason, result)
    return Verdict("passed", None, "", result)


def _is_value(value: Any, expected: Any) -> bool:
    """Expected are a value, its text as verl prints it, or a list of one value, as data sets of APPS have it."""
    if _equal(value, expected):
        return True
    if isinstance(expected, str):
        printed = value if isinstance(value, str) else json.dumps(value)
        if printed.rstrip("\n") == expected.rstrip("\n"):
            return True
        try:
            return _equal(value, json.loads(expected))
        except ValueError:
            return False
    return isinstance(expected, list) and len(expected) == 1 and _equal(value, expected[0])


def _equal(one: Any, other: Any) -> bool:
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        return len(one) == len(other) and all(map(_equal, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_equal(one[key], other[key]) for key in one)
    # True is no 1.
    return isinstance(one, bool) == isinstance(other, bool) and one == other


#: pytest's exit codes: 0 all passed, 1 some failed, 2 collection failed or interrupted, 5 no tests.
_NO_TESTS = 5


def _judge_pytest(code: str, tests: str, limits: Dict[str, Any]) -> Verdict:
    result = run(code + "\n\n" + tests + "\n", "pytest", **limits)
    if _lacks_pytest(result):
        return _without_pytest(result, limits["on_infra"])
    undecided = _not_run(result, None)
    if undecided is not None:
        return undecided
    if result.timed_out:
        return Verdict("timeout", None, result.reason, result)
    passed = re.findall(r"^=*\s*\d+ passed\b.* in [\d.]+", result.stdout, re.M)
    if result.ok:
        # A program that ends with 0 while pytest reads it has passed nothing.
        return Verdict("passed", None, "", result) if passed else Verdict("failed", None, "no test has run", result)
    if result.exit_code == _NO_TESTS:
        return Verdict("invalid", None, "pytest found no tests", result)
    failed = re.search(r"^FAILED [^\s:]*::(\S+)(?: - (.*))?", result.stdout, re.M)
    if failed:
        return Verdict("failed", failed.group(1), failed.group(2) or result.reason, result)
    unread = re.search(r"^E\s+((?:Syntax|Indentation|Tab)Error: .*)", result.stdout, re.M)
    if unread:
        return Verdict("compile_error", None, unread.group(1), result)
    return Verdict("failed", None, result.reason, result)


def _lacks_pytest(result: Result) -> bool:
    if result.infra or result.invalid:
        return "language pytest is not available" in result.reason
    return result.exit_code in (1, 127) and re.search(
        r"^.*(No module named '?pytest'?|pytest: (command )?not found)\s*$", result.stderr, re.M
    ) is not None and "passed" not in result.stdout and "failed" not in result.stdout


def _without_pytest(result: Result, on_infra: str) -> Verdict:
    reason = "the server has no pytest: install it for the Python that runs programs there, or write plain assertions"
    if on_infra == "raise":
        raise SandboxInfraError(reason)
    return Verdict("infra", None, reason, result)


def judge_many(
    samples: Iterable[Any],
    concurrency: int = 16,
    *,
    progress: Optional[Callable[[int, Verdict], None]] = None,
    **options: Any
) -> Iterator[Verdict]:
    """
    Verdicts of many samples, each (code, tests) or a dict of judge()'s arguments, in their order. At most
    `concurrency` run at once, and no more than twice as many samples are taken before their verdict is asked for.
    `progress(count, verdict)` is called as each is done; other options are judge()'s.
    """
    done = 0
    counting = threading.Lock()

    def one(sample: Any) -> Verdict:
        nonlocal done
        verdict = judge(**{**options, **sample}) if isinstance(sample, dict) else judge(*sample, **options)
        if progress is not None:
            with counting:
                done += 1
                progress(done, verdict)
        return verdict

    pool = ThreadPoolExecutor(max(1, concurrency), thread_name_prefix="sandbox")
    waiting: List[Any] = []
    try:
        for sample in samples:
            waiting.append(pool.submit(one, sample))
            if len(waiting) >= 2 * concurrency:
                yield waiting.pop(0).result()
        while waiting:
            yield waiting.pop(0).result()
    finally:
        for each in waiting:
            each.cancel()
        pool.shutdown(wait=False)


# ---------------------------------------------------------------------------------------------------------- asyncio


async def _in_thread(call: Callable[..., Any], *args: Any, **options: Any) -> Any:
    global _pool
    if _pool is None:
        _pool = ThreadPoolExecutor(128, thread_name_prefix="sandbox")
    return await asyncio.get_running_loop().run_in_executor(_pool, functools.partial(call, *args, **options))


async def arun(code: str, language: str = "python", **options: Any) -> Result:
    """run() for asyncio; at most 128 calls are under way at once."""
    return await _in_thread(run, code, language, **options)


async def ajudge(code: str, tests: Any, language: str = "python", **options: Any) -> Verdict:
    """judge() for asyncio; at most 128 calls are under way at once."""
    return await _in_thread(judge, code, tests, language, **options)


async def ajudge_many(samples: Iterable[Any], concurrency: int = 16, **options: Any) -> List[Verdict]:
    """All verdicts of judge_many(), in order."""
    return await _in_thread(lambda: list(judge_many(samples, concurrency, **options)))


# ------------------------------------------------------------------------------------- for code that is there already

_PREFIX = "Failed to execute program: "


def _pair_of(result: Result, on_infra: str) -> Tuple[bool, str]:
    if result.infra or result.invalid:
        if result.infra and on_infra == "raise":
            raise SandboxInfraError(result.reason)
        return False, _PREFIX + ("the sandbox failed: " if result.infra else "") + result.reason
    if result.ok:
        return True, result.stdout
    return False, _PREFIX + "STDOUT:\n{}\n\nSTDERR:\n{}".format(result.stdout, result.stderr)


def code_exec_sandboxfusion(
    code: str, stdin: Optional[str] = None, timeout: float = 30, sandbox_servers: Any = None, *, on_infra: str = "mask"
) -> Tuple[bool, str]:
    """
    Reasoning360's function: whether the program ended well, and what it printed.

    A failure of the sandbox is (False, text) there too; on_infra="raise" tells it apart. `sandbox_servers` is
    ignored: the fleet's are used.
    """
    return _pair_of(run(code, stdin=stdin, timeout=timeout), on_infra)


def code_exec_sandboxfusion_with_pytest(
    code: str, pytest_code: str, timeout: float = 30, sandbox_servers: Any = None, *, on_infra: str = "mask"
) -> Tuple[bool, str]:
    """Reasoning360's function; the tests really run under pytest: there they are defined and never called."""
    verdict = _judge_pytest(code, pytest_code, {"timeout": timeout, "on_infra": on_infra})
    if verdict.passed and verdict.result is not None:
        return True, verdict.result.stdout
    if verdict.verdict in ("failed", "compile_error", "timeout") and verdict.result is not None:
        return False, _PREFIX + "STDOUT:\n{}\n\nSTDERR:\n{}".format(verdict.result.stdout, verdict.result.stderr)
    return False, _PREFIX + ("the sandbox failed: " if verdict.mask else "") + verdict.reason


def _solution(text: str) -> Optional[str]:
    """The last fenced block of a model's answer."""
    blocks = re.findall(r"```[ \t]*([\w+-]*)[ \t]*\n(.*?)(?:```|\Z)", text, re.S)
    python = [code for language, code in blocks if language.lower() in ("python", "py", "python3")]
    return python[-1] if python else blocks[-1][1] if blocks else None


def compute_score(
    data_source: Any, solution_str: str, ground_truth: Any, extra_info: Any = None, *, on_infra: str = "mark", **options: Any
) -> Dict[str, Any]:
    """
    verl's custom reward function: custom_reward_function.path=THIS_FILE.

    verl has no word for a sample that must not count. on_infra="mark" scores it 0.0 with `infra` 1.0 in the
    reward's extra info, by which a trainer can leave it out; "raise" ends the step instead. Every answer has the
    same keys, since verl makes a column of each.
    """
    known = ("timeout", "compile_timeout", "memory_limit_mb", "patience", "language")
    code = _solution(solution_str)
    if code is None:
        verdict = Verdict("failed", None, "the answer has no block of code")
    else:
        verdict = judge(code, ground_truth, **{key: value for key, value in options.items() if key in known})
    if verdict.mask and on_infra == "raise":
        raise SandboxInfraError(verdict.reason)
    return {
        "score": verdict.reward or 0.0,
        "acc": 1.0 if verdict.passed else 0.0,
        "infra": 1.0 if verdict.mask else 0.0,
        "verdict": verdict.verdict,
        "reason": verdict.reason[:300],
    }


def nemo_gym(verdict: Verdict) -> Dict[str, Any]:
    """The fields of a NeMo Gym verify response: `reward`, and `mask_sample`, by which NeMo RL leaves it out."""
    return {"reward": verdict.reward or 0.0, "mask_sample": verdict.mask}


def rllm(verdict: Verdict) -> Dict[str, Any]:
    """
    The arguments of rLLM's EvalOutput. Raises SandboxInfraError where the sandbox failed: rLLM tries the episode
    again, then ends it with TerminationReason.ERROR, which `rllm.compact_filtering.mask_error` leaves out.
    """
    if verdict.mask:
        raise SandboxInfraError(verdict.reason)
    return {
        "reward": verdict.reward or 0.0,
        "is_correct": verdict.passed,
        "metadata": {"verdict": verdict.verdict, "test": verdict.test, "reason": verdict.reason},
    }

-- wrk: one program again and again; at the end one line of JSON, times in microseconds.
wrk.method = "POST"
wrk.path = "/run_code"
wrk.headers["Content-Type"] = "application/json"
wrk.body = '{"compile_timeout": 10, "run_timeout": 10, "code": "print(\\"hello\\")", "language": "python"}'

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format('RESULT {"requests":%d,"took":%d,"p50":%d,"p99":%d,"wrong":%d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end

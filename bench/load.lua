-- What wrk sends: lines of a file of targets, in turn, each thread its own share. Figures go to stderr as one line of JSON.
-- Large bodies are joined with their heads beforehand, so that no time is spent on it later.
-- Arguments: method, host, file of targets, file of the body or "-", threads, milliseconds to wait before each request.
local threads = 0

function setup(thread)
  thread:set('lane', threads)
  threads = threads + 1
end

local largeFrom = 1024 * 1024
local heads, body, at = {}, '', 0

function init(args)
  local method, host, targets, bodyFile, lanes = args[1], args[2], args[3], args[4], tonumber(args[5])
  local waitMs = tonumber(args[6])
  -- Only where it is wanted: wrk sets a timer per request as soon as the function exists.
  if waitMs > 0 then delay = function() return waitMs end end
  local length = ''
  if bodyFile ~= '-' then
    local file = assert(io.open(bodyFile, 'rb'))
    body = file:read('*a')
    file:close()
    length = 'Content-Length: ' .. #body .. '\r\n'
  end
  local line = 0
  for target in io.lines(targets) do
    if line % lanes == lane then
      heads[#heads + 1] = method .. ' ' .. target .. ' HTTP/1.1\r\nHost: ' .. host .. '\r\n' .. length .. '\r\n'
    end
    line = line + 1
  end
  if #body >= largeFrom then
    for i = 1, #heads do heads[i] = heads[i] .. body end
    body = ''
  end
end

function request()
  at = at % #heads + 1
  if body == '' then return heads[at] end
  return heads[at] .. body
end

function done(summary, latency)
  local errors = summary.errors
  io.stderr:write(string.format(
    '{"requests":%d,"micros":%d,"bytes":%d,"connect":%d,"read":%d,"write":%d,"status":%d,"timeout":%d,"p50":%d,"p99":%d,"max":%d}\n',
    summary.requests, summary.duration, summary.bytes, errors.connect, errors.read, errors.write, errors.status,
    errors.timeout, latency:percentile(50), latency:percentile(99), latency.max))
end

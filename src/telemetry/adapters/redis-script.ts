// What one call changes inside Redis, in one script: other workers see all of it or nothing. All keys carry one hash tag, so that a cluster
// takes the call. Every key expires by itself: what nobody adds to goes, also when no pilot tidies.
//
// KEYS: the bin (hash), the starts of all bins, the scores of blocks (sorted sets), the areas of blocks (hash).
// ARGV: seconds until keys expire; the bin's start; how many sums, then field and amount of each; how many blocks, then block, area and
// score of each (heat.ts); how many blocks may stay; the score below which they are cold.
export const changeScript = `
local at = 0
local function take()
  at = at + 1
  return ARGV[at]
end
local bin, bins, heat, areas = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local expirySec, start = take(), take()

local sums = tonumber(take())
for _ = 1, sums do
  redis.call('HINCRBYFLOAT', bin, take(), take())
end
if sums > 0 then
  redis.call('EXPIRE', bin, expirySec)
  redis.call('ZADD', bins, start, start)
  redis.call('ZREMRANGEBYRANK', bins, 0, -1001)
  redis.call('EXPIRE', bins, expirySec)
end

local blocks = tonumber(take())
for _ = 1, blocks do
  local block, area, score = take(), take(), tonumber(take())
  local old = redis.call('ZSCORE', heat, block)
  if old then
    old = tonumber(old)
    local high, low = math.max(score, old), math.min(score, old)
    score = high + math.log(1 + 2 ^ (low - high)) / math.log(2)
  end
  redis.call('ZADD', heat, string.format('%.17g', score), block)
  redis.call('HSET', areas, block, area)
end
if blocks > 0 then
  redis.call('EXPIRE', heat, expirySec)
  redis.call('EXPIRE', areas, expirySec)
end

local function drop(cold)
  for _, block in ipairs(cold) do
    redis.call('ZREM', heat, block)
    redis.call('HDEL', areas, block)
  end
end
local over = redis.call('ZCARD', heat) - tonumber(take())
if over > 0 then drop(redis.call('ZRANGE', heat, 0, over - 1)) end
drop(redis.call('ZRANGEBYSCORE', heat, '-inf', '(' .. take()))
`;

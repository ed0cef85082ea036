// What happens to echoes inside Redis, in one script each: nobody sees an entry without its place in the index, or changes one that another
// has just changed. A key of another kind, a value that is too long for an entry and a name without an entry are taken for nothing.

/**
 * KEYS: the block's entries (hash), the index (sorted set, all of score 0: in the order of its bytes).
 * ARGV: the partition; the entry's name in the index; the entry as it is known and as it shall be, empty: none; the most bytes that an
 * entry may have; seconds until keys expire. Answers 1, or the entry that is there: nothing is changed then.
 */
export const changeScript = `
local entries, index = KEYS[1], KEYS[2]
local partition, name, known, following, bytesMax, expirySec = unpack(ARGV)

local kind = redis.call('TYPE', entries).ok
local now = kind == 'hash' and redis.call('HGET', entries, partition) or ''
if #now > tonumber(bytesMax) then now = '' end
if now ~= known then return now end

-- Only where it is needed: once a script has changed something, Redis lets it go on without memory.
local function clear(key, is, wanted)
  if is ~= wanted and is ~= 'none' then redis.call('DEL', key) end
end
clear(entries, kind, 'hash')
clear(index, redis.call('TYPE', index).ok, 'zset')
if following == '' then
  redis.call('HDEL', entries, partition)
  redis.call('ZREM', index, name)
else
  redis.call('HSET', entries, partition, following)
  redis.call('ZADD', index, 0, name)
end
redis.call('EXPIRE', entries, expirySec)
redis.call('EXPIRE', index, expirySec)
return 1
`;

/**
 * KEYS: the index; all other keys have its hash tag. ARGV: the name to begin behind, empty: none; how many entries are wanted; at how many
 * names to look; what keys of entries begin with; bytesMax and expirySec as above. Answers 1 if the index ends here, the last name that was
 * looked at, then name and value of each entry, empty where it is too long. Names without an entry leave the index; what is still walked
 * over does not expire.
 */
export const pageScript = `
local index = KEYS[1]
local after, wanted, looks, prefix, bytesMax, expirySec = unpack(ARGV)
wanted, looks, bytesMax, expirySec = tonumber(wanted), tonumber(looks), tonumber(bytesMax), tonumber(expirySec)
if redis.call('TYPE', index).ok ~= 'zset' then return { 1, '' } end

local function entryOf(name)
  if #name > 96 or not string.find(name, '^%x+ [%w._-]+$') or string.sub(name, 33, 33) ~= ' ' then return nil end
  local value = redis.pcall('HGET', prefix .. string.sub(name, 1, 32), string.sub(name, 34))
  if type(value) ~= 'string' then return nil end
  return #value <= bytesMax and value or ''
end
local function renew(key)
  if redis.call('TTL', key) < expirySec / 2 then redis.call('EXPIRE', key, expirySec) end
end
-- A score of another's making would spoil the order.
redis.call('ZREMRANGEBYSCORE', index, '-inf', '(0')
redis.call('ZREMRANGEBYSCORE', index, '(0', '+inf')
renew(index)

local names = redis.call('ZRANGEBYLEX', index, after == '' and '-' or '(' .. after, '+', 'LIMIT', 0, looks)
local answer, found, looked = { 0, '' }, 0, 0
while looked < #names and found < wanted do
  looked = looked + 1
  local name = names[looked]
  local value = entryOf(name)
  if value then
    found = found + 1
    answer[#answer + 1] = name
    answer[#answer + 1] = value
    renew(prefix .. string.sub(name, 1, 32))
  else
    redis.call('ZREM', index, name)
  end
end
if looked == #names and looked < looks then answer[1] = 1 end
answer[2] = names[looked] or ''
return answer
`;

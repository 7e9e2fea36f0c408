-- Claims n keys for n positions; answers the indexes (from 1) of those that another position holds.
-- KEYS[1] the state hash, KEYS[2] the prefix of the slices
-- ARGV[1] the generation, ARGV[2] a slice's length in ms, then n keys, then n positions.
-- The caller sends no key twice in one call: the look-up comes before the write.
local state = redis.call('HMGET', KEYS[1], 'generation', 'slice', 'server')
if state[1] ~= ARGV[1] then
  return redis.error_reply('GUARDLOST generation ' .. tostring(state[1]) .. ' where ' .. ARGV[1] .. ' was expected')
end
-- A server that was started again or promoted since may have lost the last claims, whatever else it kept.
local server = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
if state[3] ~= server then
  return redis.error_reply('GUARDLOST the claims were kept by server ' .. tostring(state[3]) .. ', this is ' .. server)
end
-- The server's clock alone tells the slice, and never backwards: workers' clocks may differ.
local length = tonumber(ARGV[2])
local time = redis.call('TIME')
local slice = math.floor((time[1] * 1000 + math.floor(time[2] / 1000)) / length)
local highest = tonumber(state[2]) or 0
if slice > highest then
  redis.call('HSET', KEYS[1], 'slice', slice)
else
  slice = highest
end
local n = (#ARGV - 2) / 2
local current = string.format('%s%d', KEYS[2], slice)
local a = redis.call('HMGET', current, unpack(ARGV, 3, n + 2))
local b = redis.call('HMGET', string.format('%s%d', KEYS[2], slice - 1), unpack(ARGV, 3, n + 2))
local c = redis.call('HMGET', string.format('%s%d', KEYS[2], slice - 2), unpack(ARGV, 3, n + 2))
local claimed, duplicates, k = {}, {}, 0
for i = 1, n do
  local held = a[i] or b[i] or c[i]
  local position = ARGV[n + 2 + i]
  if not held then
    claimed[k + 1] = ARGV[i + 2]
    claimed[k + 2] = position
    k = k + 2
  elseif held ~= position then
    duplicates[#duplicates + 1] = i
  end
end
if k > 0 then
  redis.call('HSET', current, unpack(claimed))
  if redis.call('PTTL', current) < 0 then
    redis.call('PEXPIRE', current, length * 4)
  end
end
return duplicates

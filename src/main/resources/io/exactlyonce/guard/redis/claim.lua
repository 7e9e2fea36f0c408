-- Claims n keys for n positions. Returns the indexes (from 1) of those that another position holds.
-- KEYS[1] the state hash, KEYS[2] the prefix of the slices
-- ARGV[1] the generation, ARGV[2] the latest time in ms that this server's clock can say by now,
-- ARGV[3] n, then n keys, then n positions, then, for replayed records, pairs of an index and the
-- position that the claim may move from.
-- The caller sends no key twice in one call: the look-up comes before the write.
local state = redis.call('HMGET', KEYS[1], 'generation', 'server', 'slice', 'older', 'length')
if state[1] ~= ARGV[1] then
  return redis.error_reply('GUARDLOST generation ' .. (state[1] or '(none)') .. ' where ' .. ARGV[1] .. ' was expected')
end
-- A server that was restarted or promoted since the claims were loaded may have lost the last ones.
local info = redis.call('INFO', 'server', 'replication')
if string.match(info, 'role:(%w+)') ~= 'master' then
  return redis.error_reply('READONLY this server is a replica')
end
local server = string.match(info, 'run_id:(%w+)') .. ':' .. string.match(info, 'master_replid:(%w+)')
if state[2] ~= server then
  return redis.error_reply('GUARDLOST the claims were kept by server ' .. (state[2] or '(none)') .. ', this is ' .. server)
end
-- The server's clock alone determines the slice, since workers' clocks may differ. The length of a
-- slice is the generation's and not the caller's: claims in slices of another length are not found.
local length = tonumber(state[5])
if not length then
  return redis.error_reply('GUARDLOST the claims were kept in slices of unknown length')
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local slice = math.floor(now / length)
local highest, older = tonumber(state[3]), tonumber(state[4])
if highest - slice > 1 then
  -- No slice, and so no claim, would end until the clock reached the highest slice again.
  return redis.error_reply('GUARDLOST the clock was set back: slice ' .. slice .. ' is current, but claims are in slice ' .. highest)
end
local begins = slice > highest
if begins then
  if now > tonumber(ARGV[2]) then
    -- The new slice would end slices whose claims are younger than the window.
    return redis.error_reply('GUARDLOST the clock was set forward, to ' .. now .. ' where ' .. ARGV[2] .. ' was the latest expected')
  end
  -- Which earlier slices are there: 1: the one before this one, 2: the one before that, 3: both.
  older = slice - highest < 3 and (older * 2 + 1) * (slice - highest) % 4 or 0
else
  -- The slice never goes back, so that of two claims near its end the later finds the earlier.
  slice = highest
end
local function key(number) return string.format('%s%s:%d', KEYS[2], ARGV[1], number) end
local expected = {}
if not begins then expected[1] = key(slice) end
if older % 2 == 1 then expected[#expected + 1] = key(slice - 1) end
if older >= 2 then expected[#expected + 1] = key(slice - 2) end
if #expected > 0 and redis.call('EXISTS', unpack(expected)) < #expected then
  return redis.error_reply('GUARDLOST a slice of claims is missing, of ' .. table.concat(expected, ' '))
end
local current = key(slice)
if begins then
  -- The empty field is no claim: it makes the key of a slice without claims exist.
  redis.call('HSET', current, '', '')
  redis.call('PEXPIRE', current, length * 4)
  redis.call('HSET', KEYS[1], 'slice', slice, 'older', older)
end
local n = tonumber(ARGV[3])
local a = redis.call('HMGET', current, unpack(ARGV, 4, n + 3))
local b = older % 2 == 1 and redis.call('HMGET', key(slice - 1), unpack(ARGV, 4, n + 3)) or {}
local c = older >= 2 and redis.call('HMGET', key(slice - 2), unpack(ARGV, 4, n + 3)) or {}
local moves = {}
for i = 2 * n + 4, #ARGV, 2 do
  moves[tonumber(ARGV[i])] = ARGV[i + 1]
end
local claimed, duplicates, k = {}, {}, 0
for i = 1, n do
  local held = a[i] or b[i] or c[i]
  local position = ARGV[n + 3 + i]
  -- Compare and set: the first replayed record that takes the claim over keeps it. The current slice
  -- is looked at first, so a position that is written there hides the one in an older slice.
  if not held or (moves[i] and held == moves[i]) then
    claimed[k + 1] = ARGV[i + 3]
    claimed[k + 2] = position
    k = k + 2
  elseif held ~= position then
    duplicates[#duplicates + 1] = i
  end
end
if k > 0 then
  redis.call('HSET', current, unpack(claimed))
end
return duplicates

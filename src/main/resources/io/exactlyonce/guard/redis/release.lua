-- Deletes claims of a deleted topic, in one step of a walk through one slice.
-- KEYS[1] the state hash, KEYS[2] the prefix of the slices
-- ARGV[1] the generation, ARGV[2] the slice's number (empty: the current one), ARGV[3] the cursor,
-- ARGV[4] about how many claims to look at, ARGV[5] the topic's tag (see Position), then pairs of a
-- partition and the offset from which on its claims are deleted. In other partitions all claims are
-- deleted. With an empty tag none are.
-- Returns the slice's number, the next cursor ('0' at the end), how many claims were deleted and,
-- with an empty tag, the tags of the topics that claims are held for.
local state = redis.call('HMGET', KEYS[1], 'generation', 'server', 'slice')
if state[1] ~= ARGV[1] then
  return redis.error_reply('GUARDLOST generation ' .. (state[1] or '(none)') .. ' where ' .. ARGV[1] .. ' was expected')
end
local info = redis.call('INFO', 'server', 'replication')
if string.match(info, 'role:(%w+)') ~= 'master' then
  return redis.error_reply('READONLY this server is a replica')
end
local server = string.match(info, 'run_id:(%w+)') .. ':' .. string.match(info, 'master_replid:(%w+)')
if state[2] ~= server then
  return redis.error_reply('GUARDLOST the claims were kept by server ' .. (state[2] or '(none)') .. ', this is ' .. server)
end
local tag, from = ARGV[5], {}
for i = 6, #ARGV, 2 do
  from[tonumber(ARGV[i])] = tonumber(ARGV[i + 1])
end
-- Reads a variable-length number: seven bits a byte, the lowest first. Returns it and where the next
-- one begins.
local function variable(value, at)
  local number, scale = 0, 1
  while true do
    local byte = string.byte(value, at)
    if not byte then return nil, at end
    number = number + (byte % 128) * scale
    scale, at = scale * 128, at + 1
    if byte < 128 then return number, at end
  end
end
local function isVoid(position)
  if string.sub(position, 1, #tag) ~= tag then return false end
  local partition, at = variable(position, #tag + 1)
  local offset = variable(position, at)
  return partition ~= nil and offset ~= nil and offset >= (from[partition] or 0)
end
local slice = ARGV[2] ~= '' and tonumber(ARGV[2]) or tonumber(state[3])
local key = string.format('%s%s:%d', KEYS[2], ARGV[1], slice)
local found = redis.call('HSCAN', key, ARGV[3], 'COUNT', ARGV[4])
local fields, void = found[2], {}
if tag == '' then
  local seen, tags = {}, {}
  for i = 2, #fields, 2 do
    local of = string.sub(fields[i], 1, 6)
    if #of == 6 and not seen[of] then
      seen[of] = true
      tags[#tags + 1] = of
    end
  end
  return { slice, found[1], 0, tags }
end
local deleted = 0
for i = 1, #fields, 2 do
  if isVoid(fields[i + 1]) then
    void[#void + 1] = fields[i]
  end
  -- Lua unpacks at most some 8,000 values at once.
  if #void == 1000 or (i + 1 == #fields and #void > 0) then
    deleted = deleted + redis.call('HDEL', key, unpack(void))
    void = {}
  end
end
return { slice, found[1], deleted, {} }

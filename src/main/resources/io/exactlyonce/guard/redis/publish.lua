-- Makes the loaded generation the current one, if this is still the server that it was loaded into
-- and the caller still holds the lock. Returns 1, or 0 where it changed nothing.
-- KEYS[1] the state hash, KEYS[2] the lock, KEYS[3] the slice that was loaded, KEYS[4] the prefix of
-- the slices
-- ARGV: the lock's token, the server, the new generation, the slice's number, a slice's length in
-- ms, the generation before, the claims that the rebuild did not find
local info = redis.call('INFO', 'server', 'replication')
local server = string.match(info, 'run_id:(%w+)') .. ':' .. string.match(info, 'master_replid:(%w+)')
if redis.call('GET', KEYS[2]) ~= ARGV[1] or server ~= ARGV[2] then
  return 0
end
redis.call('HSET', KEYS[3], '', '')
redis.call('PEXPIRE', KEYS[3], ARGV[5] * 4)
-- The claims of the generation before are not read any more.
local slice = tonumber(redis.call('HGET', KEYS[1], 'slice') or 0)
for back = 0, 2 do
  redis.call('UNLINK', string.format('%s%s:%d', KEYS[4], ARGV[6], slice - back))
end
redis.call('HSET', KEYS[1], 'generation', ARGV[3], 'server', server, 'slice', ARGV[4], 'older', 0, 'length', ARGV[5], 'missing', ARGV[7])
return 1

-- Returns the state of the server and of its claims, by which the keeper decides to trust them.
-- KEYS[1] the state hash
local info = redis.call('INFO', 'server', 'replication')
local memory = redis.call('INFO', 'memory')
local time = redis.call('TIME')
local state = redis.call('HMGET', KEYS[1], 'generation', 'server', 'slice', 'length', 'missing')
return {
  string.match(memory, 'maxmemory_policy:([%w-]+)'),
  string.match(info, 'role:(%w+)'),
  string.match(info, 'run_id:(%w+)') .. ':' .. string.match(info, 'master_replid:(%w+)'),
  string.format('%d', time[1] * 1000 + math.floor(time[2] / 1000)),
  state[1] or '', state[2] or '', state[3] or '0', state[4] or '0',
  state[5] or ''
}

-- Returns facts about the server for an operator. Changes nothing.
-- KEYS[1] the state hash, so that in a cluster the group's node answers
local info = redis.call('INFO', 'server', 'memory', 'persistence')
local function field(name)
  return string.match(info, '[\r\n]' .. name .. ':([^\r\n]*)') or ''
end
return {
  field('redis_version'), field('used_memory'), field('maxmemory'),
  field('aof_enabled'), field('aof_last_write_status'), field('rdb_last_bgsave_status')
}

-- Records a provider's later word on a page (script log comes before this).
--
-- KEYS[1]  the prefix of the source's keys
-- ARGV     page's key, state, the states that it may follow (' a b c '), at,
--          error, entry of the timeline or '', and, for whoever holds it until
--          its ticket has heard: owner ('' for none), until, token
-- Returns  nothing if there is no such page; else 1 if it moved, and the
--          page's fields
local P = KEYS[1]
local key, state, from, at, err, entry, owner, till, token = unpack(ARGV)
local name = P .. 'p:' .. key
local page = call('HMGET', name, 'state', 'urgency', 'ordered', 'ticket', 'owner', 'quiet')
if not page[1] then return false end
if not string.find(from, ' ' .. page[1] .. ' ', 1, true) then return {0, call('HGETALL', name)} end
call('HSET', name, 'state', state, 'receipt', at, 'retry', '')
if err ~= '' then call('HSET', name, 'error', err) end
if entry ~= '' and not page[6] then call('RPUSH', P .. 'tl:' .. (page[4] or string.match(key, '^[^/]*')), entry) end
-- Whatever became of it, it did go out: it is not sent again.
call('ZREM', P .. 'queued', (page[3] or '0') .. ' ' .. key)
call('ZREM', P .. 'later', key)
call('ZREM', P .. 'claims', key)
call('ZREM', P .. 'ready:' .. level(page[2]), key)
if owner ~= '' and not page[5] then
  call('HSET', name, 'owner', owner, 'until', till, 'token', token)
  call('ZADD', P .. 'claims', till, key)
end
log({page[4] or string.match(key, '^[^/]*')})
return {1, call('HGETALL', name)}

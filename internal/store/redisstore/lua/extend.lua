-- Moves the end of all claims of one owner.
--
-- KEYS[1]  the prefix of the source's keys
-- ARGV     owner, until
local P, owner, till, call = KEYS[1], ARGV[1], ARGV[2], redis.call
for _, key in ipairs(call('SMEMBERS', P .. 'o:' .. owner)) do
  local name = P .. 'p:' .. key
  local page = call('HMGET', name, 'state', 'urgency')
  if page[1] == 'sending' then -- and not moved on by a receipt
    call('HSET', name, 'until', till)
    call('ZREM', P .. 'ready:' .. page[2], key)
    call('ZADD', P .. 'claims', till, key)
  end
end
return 1

-- Moves the end of claims, if their owners still have them.
--
-- KEYS[1]  the prefix of the source's keys
-- ARGV[1]  until
-- ARGV[2…] two of each claim: page's key, token
local P, till = KEYS[1], ARGV[1]
for i = 2, #ARGV, 2 do
  local key = ARGV[i]
  local name = P .. 'p:' .. key
  local page = call('HMGET', name, 'state', 'urgency', 'token')
  if page[1] == 'sending' and page[3] == ARGV[i + 1] then -- and not moved on by a receipt
    call('HSET', name, 'until', till)
    call('ZREM', P .. 'ready:' .. level(page[2]), key)
    call('ZADD', P .. 'claims', till, key)
  end
end
return 1

-- Gives a phone a code for a ticket.
--
-- KEYS[1]  the prefix of the phone's keys
-- KEYS[2]  where a commit has to come first: the ticket
-- ARGV     ticket, the code as json, the latest release that makes a code free,
--          the name of that commit
-- Returns  the code; 0 where that commit did not come
local P, call = KEYS[1], redis.call
local ticket, json, ripe, commit = unpack(ARGV)
if commit then
  local name = call('HGET', KEYS[2], 'commit')
  if not name or string.sub(name, 1, #commit) ~= commit then return 0 end
end
local code = call('HGET', P .. 'codes', ticket)
if code then
  if call('ZREM', P .. 'released', code) == 1 then
    call('HDEL', P .. 'at', code)
    call('HSET', P .. 'json', code, json)
  end
  return code
end
code = call('ZRANGEBYSCORE', P .. 'released', '-inf', ripe, 'LIMIT', 0, 1)[1]
if code then
  call('ZREM', P .. 'released', code)
  call('HDEL', P .. 'at', code)
  call('HDEL', P .. 'codes', call('HGET', P .. 'tickets', code))
else
  code = string.format('%.0f', 10 + call('INCR', P .. 'last'))
end
call('HSET', P .. 'codes', ticket, code)
call('HSET', P .. 'tickets', code, ticket)
call('HSET', P .. 'json', code, json)
return code

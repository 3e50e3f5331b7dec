-- Gives a phone a code for a ticket.
--
-- KEYS[1]  the prefix of the phone's keys
-- ARGV     ticket, the code as json, the latest release that makes a code free
-- Returns  the code
local P, call = KEYS[1], redis.call
local ticket, json, ripe = unpack(ARGV)
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

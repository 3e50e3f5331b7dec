-- Forgets whose a phone's code was. What is left says that it may be given again.
--
-- KEYS[1]  the prefix of the phone's keys
-- ARGV     ticket, code, when it counts as released if nobody released it
-- Returns  1 if it was that ticket's
local P, call = KEYS[1], redis.call
local ticket, code, at = unpack(ARGV)
if call('HGET', P .. 'codes', ticket) ~= code then return 0 end
call('HDEL', P .. 'codes', ticket)
call('HSET', P .. 'tickets', code, '') -- script code asks for it
call('HDEL', P .. 'json', code)
if call('HSETNX', P .. 'at', code, at) == 1 then call('ZADD', P .. 'released', at, code) end
return 1

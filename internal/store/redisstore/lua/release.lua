-- Says that a ticket is over for a phone.
--
-- KEYS[1]  the prefix of the phone's keys
-- ARGV     ticket, at
local P = KEYS[1]
local code = call('HGET', P .. 'codes', ARGV[1])
if code and call('HSETNX', P .. 'at', code, ARGV[2]) == 1 then
  call('ZADD', P .. 'released', ARGV[2], code)
end
return 1

-- Says which one of all daemons tells people that something was lost. If that one
-- does not finish, it is another one.
--
-- KEYS[1]  the hash of losses
-- ARGV     who asks, now, how long to wait for the one who tells (in microseconds),
--          the marks that replace the lost ones
-- Returns  'told', 'yours', or 'another'
local key, me, now, patience = KEYS[1], ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local told = true
for i = 4, #ARGV do
  if not call('HGET', key, 'told ' .. ARGV[i]) then told = false end
end
if told then return 'told' end
local teller = call('HMGET', key, 'teller', 'since')
if teller[1] and teller[1] ~= me and now - num(teller[2], 0) < patience then return 'another' end
call('HSET', key, 'teller', me, 'since', ARGV[2])
return 'yours'

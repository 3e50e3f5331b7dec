-- Says who tells people that something was lost: one of all daemons, and another
-- where that one does not come to an end.
--
-- KEYS[1]  the hash of losses
-- ARGV     who asks, now, how long one who tells is waited for (in microseconds),
--          the marks that were set in the place of those that are lost
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

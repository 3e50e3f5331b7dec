-- Gives up a ticket whose record cannot be read. From now on it counts as closed,
-- so that its alerts open another one. What it wants sent still goes out (scripts
-- records, clear and lose come before this).
--
-- KEYS[1]  the prefix of the source's keys
-- ARGV     its number, its json as it was read
local number, json = unpack(ARGV)
local key = P .. 't:' .. number
local old = call('HMGET', key, 'json', 'state', 'urgency')
if old[2] == 'closed' or (old[1] or '') ~= json then return 0 end -- or somebody has written it anew
lose(number)
if call('EXISTS', key) == 0 then return 1 end
call('HSET', key, 'state', 'closed', 'active', '', 'deadline', '', 'damaged', 1)
if old[2] and old[3] then increase(P .. 'stats', old[3] .. ':' .. old[2], -1) end
return 1

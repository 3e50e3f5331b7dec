-- Gives a ticket up whose record cannot be read: from now on it counts as closed,
-- so that its alerts open another. What it wants sent still goes out (scripts
-- records and clear come before this).
--
-- KEYS[1]  the prefix of the source's keys
-- ARGV     its number, its json as it was read
local number, json = unpack(ARGV)
local key = P .. 't:' .. number
local old = call('HMGET', key, 'json', 'state', 'urgency')
if not old[2] or old[2] == 'closed' or (old[1] or '') ~= json then return 0 end -- or somebody has written it anew
call('HSET', key, 'state', 'closed', 'active', '', 'deadline', '', 'damaged', 1)
call('ZREM', P .. 'due', 't:' .. number)
call('ZREM', P .. 'list:' .. old[2], number)
if old[3] then increase(P .. 'stats', old[3] .. ':' .. old[2], -1) end
return 1

-- Hands out tickets that were given up and that people do not know of yet: each
-- one until a time, and then again.
--
-- KEYS[1]  the prefix of the source's keys
-- ARGV     now, until when, how many at most
-- Returns  their numbers
local key = KEYS[1] .. 'untold'
local found = call('ZRANGEBYSCORE', key, '-inf', ARGV[1], 'LIMIT', 0, ARGV[3])
for _, number in ipairs(found) do call('ZADD', key, ARGV[2], number) end
return found

-- Writes records of a home, all or none.
--
-- KEYS[1]  the prefix of the home's keys
-- ARGV     what the channels of hints begin with; then of each record: kind, key,
--          the revision that it must have (0: there must be none, -1: any), 1
--          if it is removed, due, value
-- Returns  'ok' and each new revision, 0 of one that was removed; or 'conflict'
--          and the number of the write that met it
local met = unexpected(2, #ARGV + 1)
if met then return {'conflict', met} end
local answer = {'ok'}
write(2, #ARGV + 1, ARGV[1], answer)
return answer

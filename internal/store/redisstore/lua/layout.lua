-- Reads the version of the layout; writes or raises it, if asked to. It is never lowered.
-- Whoever raises it leaves a note: what it was, and when that was. Until the note is
-- gone, what the newer layout adds is not there yet.
--
-- KEYS[1]  the version's key
-- KEYS[2]  the note's, in its slot
-- ARGV     the version that the caller knows, as major and minor; 'raise' to raise it;
--          how long daemons of the older one have to notice, in microseconds
-- Returns  the version that is stored now, the one that the note tells of (empty: there is
--          no note), how long those daemons still have
local major, minor = tonumber(ARGV[1]), tonumber(ARGV[2])
local stored = redis.call('GET', KEYS[1])
if not stored then
  stored = major .. '.' .. minor
  redis.call('SET', KEYS[1], stored)
end
local had, less = string.match(stored, '^(%d+)%.?(%d*)$')
had, less = tonumber(had), tonumber(less) or 0
if not had then return { stored, '', 0 } end
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
if ARGV[3] == 'raise' and (had < major or had == major and less < minor) then
  if had < major or redis.call('EXISTS', KEYS[2]) == 0 then
    redis.call('SET', KEYS[2], had .. '.' .. less .. ' ' .. string.format('%.0f', had < major and now or 0))
  end
  stored = major .. '.' .. minor
  redis.call('SET', KEYS[1], stored)
  had = major
end
local note = redis.call('GET', KEYS[2])
local from, at = string.match(note or '', '^(%d+%.%d+) (%d+)$')
if had ~= major or not from then return { stored, '', 0 } end
return { stored, from, string.format('%.0f', math.max(0, math.min(ARGV[4], at + ARGV[4] - now))) }

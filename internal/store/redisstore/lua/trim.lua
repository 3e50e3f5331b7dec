-- Cuts a source's log of changes off.
--
-- KEYS[1]  the prefix of the source's keys
-- ARGV     the version up to which to cut it off
local upto = math.min(tonumber(ARGV[1]), num(call('GET', KEYS[1] .. 'logged'), 0))
call('ZREMRANGEBYSCORE', KEYS[1] .. 'log', '-inf', upto)
if num(call('GET', KEYS[1] .. 'trimmed'), 0) < upto then
  call('SET', KEYS[1] .. 'trimmed', string.format('%.0f', upto))
end

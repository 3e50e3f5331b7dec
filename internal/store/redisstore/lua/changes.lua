-- Reads a source's log of changes.
--
-- KEYS[1]  the prefix of the source's keys
-- ARGV     the version after which to begin, how many changes to read, 1 to say
--          which run of the server this is
-- Returns  the version of the latest change; that up to which the log was cut
--          off; a list of number and version of each change; the run or ''
local run = ''
if ARGV[3] == '1' then run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)') or '' end
return {
  call('GET', KEYS[1] .. 'logged') or '0',
  call('GET', KEYS[1] .. 'trimmed') or '0',
  call('ZRANGE', KEYS[1] .. 'log', '(' .. ARGV[1], '+inf', 'BYSCORE', 'LIMIT', 0, ARGV[2], 'WITHSCORES'),
  run,
}

-- Writes records of a home, all or none.
--
-- KEYS[1]  the prefix of the home's records
-- ARGV     what the channels of hints begin with; then of each record: kind, key,
--          the revision that it must have (0: there must be none, -1: any), 1
--          where it is removed, due, value
-- Returns  'ok' and each new revision, 0 of one that was removed; or 'conflict'
--          and the number of the write that met it
for i = 2, #ARGV, 6 do
  local wanted, removed = ARGV[i + 2], ARGV[i + 3] == '1'
  if wanted ~= '-1' then
    local r = stored(ARGV[i], ARGV[i + 1])
    local gone = not r and removed and wanted ~= '0'
    if (r and r[1] or '0') ~= wanted and not gone then return {'conflict', (i - 2) / 6} end
  end
end
local answer = {'ok'}
for i = 2, #ARGV, 6 do
  local kind, key = ARGV[i], ARGV[i + 1]
  if ARGV[i + 3] == '1' then
    call('HDEL', P .. 'v:' .. kind, key)
    call('ZREM', P .. 'k:' .. kind, key)
    call('ZREM', P .. 'd:' .. kind, key)
    table.insert(answer, '0')
  else
    local revision = revise()
    store(kind, key, {revision, ARGV[i + 4], '', '', ARGV[i + 5]})
    table.insert(answer, revision)
  end
  redis.pcall('PUBLISH', ARGV[1] .. kind, '') -- a hint: where it is forbidden it is not given
end
return answer

-- Claims records of a home and a kind that are due, the earliest first.
--
-- KEYS[1]  the prefix of the home's keys
-- ARGV     kind, now, the claim's end, its owner, how many at most
-- Returns  of each: key, revision, due, the claim's end, its owner, value; its key
--          alone if it is damaged (it is then no longer due)
local kind, now, till, owner, most = unpack(ARGV)
local answer = {}
for _, key in ipairs(call('ZRANGEBYSCORE', R .. 'd:' .. kind, '-inf', now, 'LIMIT', 0, most)) do
  local r, damaged = recorded(kind, key)
  if r and r[2] ~= '' then
    r[1], r[3], r[4] = revise(), till, owner
    record(kind, key, r)
    table.insert(answer, {key, r[1], r[2], r[3], r[4], r[5]})
  else
    call('ZREM', R .. 'd:' .. kind, key)
    if damaged then table.insert(answer, {key}) end
  end
end
return answer

-- Reads records of a home and a kind.
--
-- KEYS[1]  the prefix of the home's keys
-- ARGV     kind; 1 for one key, 0 for the keys after it; the key; how many at
--          most
-- Returns  of each: key, and revision, due, the claim's end, its owner, value, or
--          nothing more if it is damaged
local kind, one, key, most = ARGV[1], ARGV[2] == '1', ARGV[3], tonumber(ARGV[4])
local keys = {key}
if not one then
  -- An index that was lost, or set aside, is made again.
  if call('ZCARD', R .. 'k:' .. kind) ~= call('HLEN', R .. 'v:' .. kind) then
    call('DEL', R .. 'k:' .. kind)
    for _, k in ipairs(call('HKEYS', R .. 'v:' .. kind)) do
      call('ZADD', R .. 'k:' .. kind, 0, k)
    end
  end
  local from = key == '' and '-' or '(' .. key
  keys = call('ZRANGEBYLEX', R .. 'k:' .. kind, from, '+', 'LIMIT', 0, most)
end
local answer = {}
for _, k in ipairs(keys) do
  local r, damaged = recorded(kind, k)
  if r then
    table.insert(answer, {k, r[1], r[2], r[3], r[4], r[5]})
  elseif damaged then
    table.insert(answer, {k})
  end
end
return answer

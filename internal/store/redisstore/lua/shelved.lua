-- Reads records of a home and a kind.
--
-- KEYS[1]  the prefix of the home's records
-- ARGV     kind; 1 where one key is wanted, 0 where those after it are; the key;
--          how many at most
-- Returns  of each: key, and revision, due, the claim's end, its owner, value, or
--          nothing more where it is damaged
local kind, one, key, most = ARGV[1], ARGV[2] == '1', ARGV[3], tonumber(ARGV[4])
local keys = {key}
if not one then
  -- An index that was lost, or set aside, is made again.
  if call('ZCARD', P .. 'k:' .. kind) ~= call('HLEN', P .. 'v:' .. kind) then
    call('DEL', P .. 'k:' .. kind)
    for _, k in ipairs(call('HKEYS', P .. 'v:' .. kind)) do
      call('ZADD', P .. 'k:' .. kind, 0, k)
    end
  end
  local from = key == '' and '-' or '(' .. key
  keys = call('ZRANGEBYLEX', P .. 'k:' .. kind, from, '+', 'LIMIT', 0, most)
end
local answer = {}
for _, k in ipairs(keys) do
  local r, damaged = stored(kind, k)
  if r then
    table.insert(answer, {k, r[1], r[2], r[3], r[4], r[5]})
  elseif damaged then
    table.insert(answer, {k})
  end
end
return answer

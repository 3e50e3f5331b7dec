-- Removes a closed ticket, its record last (script clear comes before this).
--
-- KEYS[1]  the prefix of the source's keys
-- ARGV     its number, how many pages to remove at most, the revision that it
--          must have or '' for any, the kinds of the records that go with it
--          (script shelf has their keys)
-- Returns  1 if it is gone, 0 if it has to stay: it is not closed, or one
--          of its pages waits; -1 if parts of it are left
local number, most = ARGV[1], tonumber(ARGV[2])
if not isGone(number) then return 0 end
if ARGV[3] ~= '' and call('HGET', P .. 't:' .. number, 'revision') ~= ARGV[3] then return 0 end
for _, kind in ipairs({'ta:', 'tc:'}) do
  local index = P .. kind .. number
  if call('EXISTS', index) == 1 then clearSome(index, number) end
  if call('EXISTS', index) == 1 then return -1 end
end
call('SREM', P .. 'closing', number)

local names, pages = {}, P .. 'tp:' .. number
for _, key in ipairs(call('LRANGE', pages, 0, most - 1)) do
  local state = call('HGET', P .. 'p:' .. key, 'state')
  if state == 'queued' or state == 'sending' or call('ZSCORE', P .. 'claims', key) then return 0 end
  names[#names + 1] = P .. 'p:' .. key
end
if #names > 0 then
  call('UNLINK', unpack(names))
  call('LTRIM', pages, #names, -1)
  if call('EXISTS', pages) == 1 then return -1 end
end
for i = 4, #ARGV do
  call('HDEL', P .. 'r:v:' .. ARGV[i], number)
  call('ZREM', P .. 'r:k:' .. ARGV[i], number)
  call('ZREM', P .. 'r:d:' .. ARGV[i], number)
end
call('UNLINK', P .. 'tl:' .. number)
call('ZREM', P .. 'list', number)
call('UNLINK', P .. 't:' .. number)
return 1

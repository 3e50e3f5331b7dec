-- Looks at the head of a source's queue (script queue comes before this).
--
-- KEYS[1]  the prefix of the source's keys
-- ARGV     now, how many at most, the least urgency
-- Returns  the ready pages' urgencies and times, in one list, in their order;
--          when the next waiting page is ready; when the next claim runs out
local now, limit, least = ARGV[1], tonumber(ARGV[2]), math.max(tonumber(ARGV[3]), 1)
ripen(now)
local heads = {}
for urgency = 4, least, -1 do
  local left = limit - #heads / 2
  if left <= 0 then break end
  local found = call('ZRANGE', P .. 'ready:' .. urgency, 0, left - 1, 'WITHSCORES')
  for i = 2, #found, 2 do
    heads[#heads + 1] = urgency
    heads[#heads + 1] = found[i]
  end
end
return {heads, later(), claimed()}

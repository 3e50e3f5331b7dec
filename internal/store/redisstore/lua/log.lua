-- Keeps the log of changes: the numbers of tickets in the order in which they
-- last changed, by a version that rises with each call.
local function log(numbers)
  if #numbers == 0 then return end
  local version = redis.pcall('INCR', KEYS[1] .. 'logged')
  if failed(version) then
    aside(KEYS[1] .. 'logged')
    version = call('INCR', KEYS[1] .. 'logged')
  end
  for i = 1, #numbers, 500 do
    local members = {}
    for j = i, math.min(i + 499, #numbers) do
      members[#members + 1], members[#members + 2] = version, numbers[j]
    end
    call('ZADD', KEYS[1] .. 'log', unpack(members))
  end
end

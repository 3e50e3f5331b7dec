-- Takes a turn of each of several paces, or of none.
--
-- KEYS[1]  the prefix of the paces' keys
-- ARGV     now in microseconds, 1 if the turns are taken whatever was taken
--          before; then of each pace: name, microseconds of one turn, how many
--          may go at once
-- Returns  0 if they were taken, else when to ask again
local P, now, forced = KEYS[1], tonumber(ARGV[1]), ARGV[2]
local used, wait = {}, 0
for i = 3, #ARGV, 3 do
  used[i] = num(call('GET', P .. ARGV[i]), 0)
  local at = used[i] - (ARGV[i + 2] - 1) * ARGV[i + 1]
  if forced ~= '1' and at > now and at > wait then wait = at end
end
if wait > 0 then return wait end
for i = 3, #ARGV, 3 do
  local paid = math.max(used[i], now) + ARGV[i + 1]
  call('SET', P .. ARGV[i], string.format('%.0f', paid), 'PX', math.ceil((paid - now) / 1000) + 60000)
end
return 0

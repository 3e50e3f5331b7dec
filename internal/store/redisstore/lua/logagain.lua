-- Logs tickets that somebody has to copy again (script log comes before this).
--
-- KEYS[1]  the prefix of the source's keys
-- ARGV     the version that theirs must be above, their numbers
if num(call('GET', KEYS[1] .. 'logged'), 0) < tonumber(ARGV[1]) then
  call('SET', KEYS[1] .. 'logged', ARGV[1])
end
local numbers = {}
for i = 2, #ARGV do numbers[i - 1] = ARGV[i] end
log(numbers)

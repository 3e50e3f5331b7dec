-- Hands out numbers of tickets that were never handed out before (script counts
-- comes before this).
--
-- KEYS[1]  the hash of number → source of all numbers with this prefix
-- KEYS[2]  the prefix's sequence
-- ARGV     prefix, source, how many, the highest that the caller knows of, how
--          far to skip if this server is not the one that counted last, how
--          many seconds a sequence is kept if nobody asks it
-- Returns  the numbers, how far the sequence is now, the run that counts it
local taken, sequence = KEYS[1], KEYS[2]
local prefix, source, count, floor, skip, keep = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5]), ARGV[6]

local was, last, run, asked, renew = counted(sequence)
local n = num(was) or call('HLEN', taken)
if not num(was) then n = math.max(n, num(call('HGET', taken, 'gone'), 0)) end -- script unnumber
if last and last ~= run then n = n + skip end
if n < floor then n = floor end

-- If numbers are taken already, the sequence lags behind: the strides grow.
local numbers, stride = {}, 0
while #numbers < count do
  n = n + 1
  local number = prefix .. string.format('%04.0f', n)
  if call('HSETNX', taken, number, source) == 1 then
    numbers[#numbers + 1] = number
    stride = 0
  else
    n = n + stride
    stride = stride * 2 + 1
  end
end
call('HSET', sequence, 'n', n, 'run', run, 'asked', asked)
if renew or not was then call('EXPIRE', sequence, keep) end
return {numbers, n, run}

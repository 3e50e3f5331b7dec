-- Hands out numbers of tickets that were never handed out before.
--
-- KEYS[1]  the hash of number → source of all numbers with this prefix
-- KEYS[2]  the prefix's sequence
-- ARGV     prefix, source, how many, the highest that the caller knows of, how
--          far to skip where this server is not the one that counted last, how
--          many seconds a sequence is kept that nobody asks
--
-- A server that took over or came up again may have lost the last steps of the
-- sequence. Its run id tells; asking for it costs, and neither a failover nor a
-- start is done in 2 ms, so that often is enough.
local taken, sequence, call = KEYS[1], KEYS[2], redis.call
local prefix, source, count, floor, skip, keep = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5]), ARGV[6]

local was = call('HMGET', sequence, 'n', 'run', 'asked')
local n = tonumber(was[1] or call('HLEN', taken))
local run, asked = was[2], was[3]
local time = call('TIME')
local since = time[1] * 1000000 + time[2] - tonumber(asked or '0')
if not run or since < 0 or since > 2000 then
  run = string.match(call('INFO', 'server'), 'run_id:(%x+)') or ''
  asked = string.format('%.0f', time[1] * 1000000 + time[2])
  if was[2] and was[2] ~= run then n = n + skip end
  call('EXPIRE', sequence, keep)
end
if n < floor then n = floor end

-- Where numbers are found taken the sequence lags behind: the strides grow.
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
if not was[1] then call('EXPIRE', sequence, keep) end
return numbers

-- What the scripts numbers and commit share: who counts a prefix's numbers.
--
-- A server that took over or started again may have lost the last steps of a
-- sequence. Its run id tells. Asking for the run id costs; neither a failover nor
-- a start takes less than 2 ms, so asking that often is enough.

-- counted returns five things: how far a sequence is, and the run that counted last
-- (nothing if there is none); this server's run, when it was asked for, and whether
-- that was now. If it was, the sequence is to be kept longer once it is written.
-- (A script that begins with an EXPIRE may write on a server that is full.)
local function counted(sequence)
  local was, time = call('HMGET', sequence, 'n', 'run', 'asked'), redis.call('TIME')
  local run, asked = was[2], was[3]
  local since = time[1] * 1000000 + time[2] - num(asked, 0)
  if not run or since < 0 or since > 2000 then
    run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)') or ''
    asked = string.format('%.0f', time[1] * 1000000 + time[2])
    return was[1], was[2], run, asked, true
  end
  return was[1], was[2], run, asked, false
end

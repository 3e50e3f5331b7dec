-- Forgets which source a number belongs to, but not that it was given.
--
-- KEYS[1]  the hash of number → source of all numbers with its prefix
-- ARGV     the number, its digits
if redis.call('HDEL', KEYS[1], ARGV[1]) == 1 then
  local gone = tonumber(redis.call('HGET', KEYS[1], 'gone') or '0')
  if tonumber(ARGV[2]) > gone then redis.call('HSET', KEYS[1], 'gone', ARGV[2]) end
end
return 1

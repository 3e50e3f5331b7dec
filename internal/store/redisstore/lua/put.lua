-- Files a text, even if the memory is full.
--
-- KEYS[1]  its key
-- ARGV     the text, how many seconds it is kept ('': until it is removed)
if ARGV[2] == '' then return redis.call('SET', KEYS[1], ARGV[1]) end
return redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])

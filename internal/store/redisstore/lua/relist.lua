-- Makes the set of all sources anew, whatever was there.
--
-- KEYS[1]  the set
-- ARGV     the sources
redis.call('DEL', KEYS[1])
if #ARGV > 0 then redis.call('SADD', KEYS[1], unpack(ARGV)) end
return #ARGV

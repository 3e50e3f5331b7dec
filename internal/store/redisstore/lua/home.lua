-- Puts a home of records into the set of all homes.
--
-- KEYS[1]  the set
-- ARGV     the home
-- Returns  1 if it was not there
return call('SADD', KEYS[1], ARGV[1])

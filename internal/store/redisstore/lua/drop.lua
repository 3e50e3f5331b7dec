-- Removes a person's device.
--
-- KEYS[1]  the prefix of the devices' keys
-- ARGV     person, id
-- Returns  1, or 0 where that person has no such device
local P, call = KEYS[1], redis.call
local person, id = unpack(ARGV)
if call('HGET', P .. 'people', id) ~= person then return 0 end
call('HDEL', P .. 'ids', call('HGET', P .. 'tokens', id))
for _, part in ipairs({'tokens', 'people', 'json'}) do
  call('HDEL', P .. part, id)
end
return 1

-- Removes a person's device.
--
-- KEYS[1]  the prefix of the devices' keys
-- ARGV     person, id
-- Returns  1, or 0 where that person has no such device
local P = KEYS[1]
local person, id = unpack(ARGV)
if call('HGET', P .. 'people', id) ~= person then return 0 end
local token = call('HGET', P .. 'tokens', id)
if token then call('HDEL', P .. 'ids', token) end
for _, part in ipairs({'tokens', 'people', 'json'}) do
  call('HDEL', P .. part, id)
end
return 1

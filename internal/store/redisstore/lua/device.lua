-- Files a device; one whose token is known keeps its id.
--
-- KEYS[1]  the prefix of the devices' keys
-- ARGV     an id, person, token, the device as json
-- Returns  the device's id
local P = KEYS[1]
local id, person, token, json = unpack(ARGV)
id = call('HGET', P .. 'ids', token) or id
local old = call('HGET', P .. 'tokens', id)
if old and old ~= token then call('HDEL', P .. 'ids', old) end
call('HSET', P .. 'ids', token, id)
call('HSET', P .. 'tokens', id, token)
call('HSET', P .. 'people', id, person)
call('HSET', P .. 'json', id, json)
return id

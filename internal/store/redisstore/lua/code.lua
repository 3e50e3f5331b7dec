-- Gives a phone a code for a ticket.
--
-- KEYS[1]  the prefix of the phone's keys
-- KEYS[2]  the ticket, if a commit has to come first
-- ARGV     ticket, the code as json, the latest release that makes a code free,
--          the name of that commit
-- Returns  the code; 0 if that commit did not apply the ticket
local P = KEYS[1]
local ticket, json, ripe, commit = unpack(ARGV)
if commit then
  local name = call('HGET', KEYS[2], 'commit')
  if not name or string.sub(name, 1, #commit) ~= commit then return 0 end
end

-- following is the number after the last one. If the last cannot be read, it is
-- the one after the highest that is known.
local function following()
  local n = redis.pcall('INCR', P .. 'last')
  if not failed(n) then return n end
  n = 0
  for _, hash in ipairs({'tickets', 'json'}) do
    for _, code in ipairs(call('HKEYS', P .. hash)) do n = math.max(n, num(code, 0) - 10) end
  end
  call('SET', P .. 'last', n + 1)
  return n + 1
end

local code = call('HGET', P .. 'codes', ticket)
if code then
  if call('ZREM', P .. 'released', code) == 1 then
    call('HDEL', P .. 'at', code)
    call('HSET', P .. 'json', code, json)
  end
  return code
end
code = call('ZRANGEBYSCORE', P .. 'released', '-inf', ripe, 'LIMIT', 0, 1)[1]
if code then
  call('ZREM', P .. 'released', code)
  call('HDEL', P .. 'at', code)
  local was = call('HGET', P .. 'tickets', code)
  if was then call('HDEL', P .. 'codes', was) end
else
  code = string.format('%.0f', 10 + following())
end
call('HSET', P .. 'codes', ticket, code)
call('HSET', P .. 'tickets', code, ticket)
call('HSET', P .. 'json', code, json)
return code

-- What all scripts share: a record that is damaged stops nobody.
--
-- A key of the wrong type is set aside: it is renamed with ':damaged' at its end,
-- and the set 'damaged' of its slot names it. The script then goes on as if the
-- key did not exist.
local function aside(key)
  redis.call('RENAME', key, key .. ':damaged')
  redis.pcall('SADD', (string.match(key, '^[^{]*{[^}]*}:') or key .. ':') .. 'damaged', key)
end

local function failed(answer) return type(answer) == 'table' and answer.err end

local function call(command, key, ...)
  local answer = redis.pcall(command, key, ...)
  local err = failed(answer)
  if not err then return answer end
  if string.find(err, 'WRONGTYPE', 1, true) then aside(key) end
  return redis.call(command, key, ...)
end

-- num is a field that should be a number. If it is none, it is the given value.
local function num(text, default)
  local n = tonumber(text or nil)
  if not n or n ~= n or n == math.huge or n == -math.huge then return default end
  return n
end

-- increase adds to a field that should be a whole number. Anything else counts as 0.
local function increase(key, field, by)
  if failed(redis.pcall('HINCRBY', key, field, by)) then call('HSET', key, field, math.max(by, 0)) end
end

-- level is the urgency that a page waits under: the highest if it is unknown.
local function level(urgency)
  return (urgency == '1' or urgency == '2' or urgency == '3') and urgency or '4'
end

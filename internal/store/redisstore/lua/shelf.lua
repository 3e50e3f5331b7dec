-- Records (package records) of a home and a kind: a hash of key to what is stored
-- of it (v:KIND), the keys in their order (k:KIND), and when each that is due may
-- be claimed (d:KIND). What is stored is a list of texts: revision, due, the
-- claim's end, its owner, the value.
local P = KEYS[1]

-- stored reads a record. The second answer says that it is there and damaged.
local function stored(kind, key)
  local text = call('HGET', P .. 'v:' .. kind, key)
  if not text then return nil, false end
  local ok, r = pcall(cmsgpack.unpack, text)
  if not ok or type(r) ~= 'table' or #r ~= 5 then return nil, true end
  for i = 1, 5 do
    if type(r[i]) ~= 'string' then return nil, true end
  end
  if not tonumber(r[1]) then return nil, true end
  return r, false
end

-- revise gives a revision that no record of this home had, also where a failover
-- has taken the last ones away: it is the time, or one more than the last.
local function revise()
  local t = redis.call('TIME')
  local text = string.format('%.0f', math.max(t[1] * 1000000 + t[2], num(call('GET', P .. 'revision'), 0) + 1))
  call('SET', P .. 'revision', text)
  return text
end

local function store(kind, key, r)
  call('HSET', P .. 'v:' .. kind, key, cmsgpack.pack(r))
  call('ZADD', P .. 'k:' .. kind, 0, key)
  local ready = r[4] ~= '' and r[3] or r[2]
  if ready == '' then
    call('ZREM', P .. 'd:' .. kind, key)
  else
    call('ZADD', P .. 'd:' .. kind, ready, key)
  end
end

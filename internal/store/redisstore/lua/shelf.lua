-- Records (package records) of a home and a kind, below the home's r: a hash of key to what is stored
-- of it (v:KIND), the keys in their order (k:KIND), and when each that is due may
-- be claimed (d:KIND). What is stored is a list of texts: revision, due, the
-- claim's end, its owner, the value.
local R = KEYS[1] .. 'r:'

-- recorded reads a record. The second answer says that it exists but is damaged.
local function recorded(kind, key)
  local text = call('HGET', R .. 'v:' .. kind, key)
  if not text then return nil, false end
  local ok, r = pcall(cmsgpack.unpack, text)
  if not ok or type(r) ~= 'table' or #r ~= 5 then return nil, true end
  for i = 1, 5 do
    if type(r[i]) ~= 'string' then return nil, true end
  end
  if not tonumber(r[1]) then return nil, true end
  return r, false
end

-- revise gives a revision that no record of this home ever had, even if a failover
-- took the last ones away. It is the time, or one more than the last revision.
local function revise()
  local t = redis.call('TIME')
  local text = string.format('%.0f', math.max(t[1] * 1000000 + t[2], num(call('GET', R .. 'revision'), 0) + 1))
  call('SET', R .. 'revision', text)
  return text
end

local function record(kind, key, r)
  call('HSET', R .. 'v:' .. kind, key, cmsgpack.pack(r))
  call('ZADD', R .. 'k:' .. kind, 0, key)
  local ready = r[4] ~= '' and r[3] or r[2]
  if ready == '' then
    call('ZREM', R .. 'd:' .. kind, key)
  else
    call('ZADD', R .. 'd:' .. kind, ready, key)
  end
end

-- unexpected finds a write that meets another revision than it knows; nil if none
-- does. Writes have 6 arguments each, from ARGV[first] to before ARGV[after].
local function unexpected(first, after)
  for i = first, after - 1, 6 do
    local wanted, removed = ARGV[i + 2], ARGV[i + 3] == '1'
    if wanted ~= '-1' then
      local r = recorded(ARGV[i], ARGV[i + 1])
      local gone = not r and removed and wanted ~= '0'
      if (r and r[1] or '0') ~= wanted and not gone then return (i - first) / 6 end
    end
  end
end

-- write does such writes, and adds the new revisions to answer. It publishes a hint
-- for each kind, on a channel whose name begins with channel.
local function write(first, after, channel, answer)
  for i = first, after - 1, 6 do
    local kind, key = ARGV[i], ARGV[i + 1]
    if ARGV[i + 3] == '1' then
      call('HDEL', R .. 'v:' .. kind, key)
      call('ZREM', R .. 'k:' .. kind, key)
      call('ZREM', R .. 'd:' .. kind, key)
      table.insert(answer, '0')
    else
      local revision = revise()
      record(kind, key, {revision, ARGV[i + 4], '', '', ARGV[i + 5]})
      table.insert(answer, revision)
    end
    redis.pcall('PUBLISH', channel .. kind, '') -- where it is forbidden there is none
  end
end

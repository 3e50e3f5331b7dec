-- What the scripts observe and commit share: how many tickets the source has, and
-- how many alerts.

-- activeOf counts the active tickets.
local function activeOf()
  local fields, n = {}, 0
  for urgency = 0, 4 do
    for _, state in ipairs({'open', 'acknowledged', 'in_progress'}) do fields[#fields + 1] = urgency .. ':' .. state end
  end
  for _, count in ipairs(call('HMGET', KEYS[1] .. 'stats', unpack(fields))) do n = n + (tonumber(count) or 0) end
  return n
end

-- openedSince counts the tickets that were opened in the minute before a time.
local function openedSince(at)
  return call('ZCOUNT', KEYS[1] .. 'list', string.format('(%.0f', (tonumber(at) or 0) - 60000000), '+inf')
end

-- alertsOf counts the alerts that are stored (script clear).
local function alertsOf() return num(call('GET', KEYS[1] .. 'alerts'), 0) end

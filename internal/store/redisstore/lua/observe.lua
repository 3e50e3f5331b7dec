-- Says of each observation what is known of it, and counts the repeats.
--
-- KEYS[1]  the prefix of the source's keys
-- ARGV     seven of each observation: fingerprint, 'firing' or 'resolved',
--          urgency, group key, heard of at, silent at, began at
-- Returns  a list of {'unknown', 'repeat', 'changed' or 'new'; ticket; alert's
--          fields or nothing}, a list of {number, json, revision} of the
--          tickets named by what is no repeat, and of the source: how many tickets
--          are active, how many were opened in the minute before the first
--          observation, how many alerts it has
local P = KEYS[1]

local known = {} -- number → {'1' where it is active, its state}
local function ticket(number) -- both nothing where there is none
  if not known[number] then
    known[number] = call('HMGET', P .. 't:' .. number, 'active', 'state')
  end
  return known[number]
end

local function isGone(number)
  local state = ticket(number)[2]
  return not state or state == 'closed'
end

-- An entry of the index of silent alerts may be too early, never too late: script
-- due moves it on when its time comes. So a repeat touches the index only if its
-- deadline is new, comes nearer or goes.
local function count(fingerprint, alert, at, silent)
  local was = alert[5] or ''
  call('HSET', P .. 'a:' .. fingerprint, 'count', num(alert[4], 0) + 1, 'last', at, 'silent', silent)
  if silent == '' then
    if was ~= '' then call('ZREM', P .. 'due', 'a:' .. fingerprint) end
  elseif was == '' or tonumber(silent) < num(was, math.huge) then
    call('ZADD', P .. 'due', 'LT', silent, 'a:' .. fingerprint)
  end
end

local function judge(fingerprint, status, urgency, group, at, silent, began)
  local key = P .. 'a:' .. fingerprint
  local alert = call('HMGET', key, 'ticket', 'status', 'urgency', 'count', 'silent', 'began')
  local number = alert[1]
  if not number or isGone(number) then -- script clear
    if status ~= 'firing' then return 'unknown', '' end
    local joins = group ~= '' and call('GET', P .. 'g:' .. group)
    return 'new', joins and not isGone(joins) and joins or ''
  end
  local fires = alert[2] == 'firing'
  if status ~= 'firing' then
    if alert[2] == 'resolved' then return 'unknown', '' end
    return 'changed', number, call('HGETALL', key)
  end
  local open = ticket(number)[1] == '1'
  -- An alert that an older daemon stored has no 'began'.
  local risen = tonumber(urgency) > num(alert[3], 0) or num(began, 0) > num(alert[6], alert[6] and 0 or math.huge)
  if fires and not (open and risen) then count(fingerprint, alert, at, silent) end
  if fires and open and not risen then return 'repeat', number end
  return 'changed', number, call('HGETALL', key)
end

local items, named, seen, opens = {}, {}, {}, false
for i = 1, #ARGV, 7 do
  local verdict, number, alert = judge(unpack(ARGV, i, i + 6))
  items[#items + 1] = {verdict, number, alert or false}
  opens = opens or verdict == 'new' or verdict == 'changed'
  if verdict ~= 'repeat' and number ~= '' and not seen[number] then
    seen[number] = true
    local t = call('HMGET', P .. 't:' .. number, 'json', 'revision') -- a repeat needs neither
    named[#named + 1] = {number, t[1], t[2]}
  end
end
if not opens then return {items, named, 0, 0, 0} end
return {items, named, activeOf(), openedSince(ARGV[5]), alertsOf()}

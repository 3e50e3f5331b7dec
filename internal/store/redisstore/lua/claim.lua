-- Claims ready pages of one source (script queue comes before this).
--
-- KEYS[1]  the prefix of the source's keys
-- ARGV     now, owner, until, token, how many to take at most, how many to
--          look at at most, the least urgency to take
-- Returns  a list of {page's key, its fields, ticket's json, '1' where an
--          earlier claim ran out}; '1' where more are ready; when the next
--          waiting page is ready; when the next claim of before runs out
local now, owner, till, token, take, look = ARGV[1], ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5]), tonumber(ARGV[6])
local least = math.max(tonumber(ARGV[7]), 1)
ripen(now)
local runsOut = claimed()

-- wanted asks the ticket as it is now; it lists what it wants in 'wants'.
local function wanted(page)
  local ticket = call('HMGET', P .. 't:' .. page[1], 'wants', 'json')
  return ticket[1] and string.find(ticket[1], ' ' .. page[2] .. ' ', 1, true), ticket[2]
end

local function consider(key)
  local name = P .. 'p:' .. key
  local page = call('HMGET', name, 'ticket', 'want', 'state', 'ordered', 'attempts')
  local want, json = wanted(page)
  local waits = page[3] == 'queued' or page[3] == 'sending' -- else a receipt's owner held it (script receipt)
  call('ZREM', P .. 'queued', page[4] .. ' ' .. key)
  if not want then
    call('HDEL', name, 'owner', 'until')
    if waits then call('HSET', name, 'state', 'cancelled', 'retry', '') end
    return
  end
  call('HSET', name, 'owner', owner, 'until', till, 'token', token)
  if waits then call('HSET', name, 'state', 'sending', 'retry', '', 'attempts', (page[5] or 0) + 1) end
  call('ZADD', P .. 'claims', till, key)
  return {key, call('HGETALL', name), json, page[3] ~= 'queued' and '1' or ''}
end

local claims, looked = {}, 0
for urgency = 4, least, -1 do
  while #claims < take and looked < look do
    local key = call('ZPOPMIN', P .. 'ready:' .. urgency)[1]
    if not key then break end
    looked = looked + 1
    claims[#claims + 1] = consider(key)
  end
end
local more = ''
for urgency = 4, 1, -1 do
  if call('EXISTS', P .. 'ready:' .. urgency) == 1 then more = '1' end
end
return {claims, more, later(), runsOut}

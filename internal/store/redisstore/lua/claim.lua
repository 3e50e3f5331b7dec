-- Claims ready pages of one source (scripts queue and log come before this).
--
-- KEYS[1]  the prefix of the source's keys
-- ARGV     now, owner, until, token, how many to take at most, how many to
--          look at at most, the least urgency to take
-- Returns  a list of {page's key, its fields, ticket's json, '1' if an
--          earlier claim ran out}; '1' if more are ready; when the next
--          waiting page is ready; when the next earlier claim runs out
local now, owner, till, token, take, look = ARGV[1], ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5]), tonumber(ARGV[6])
local least = math.max(tonumber(ARGV[7]), 1)
ripen(now)
local runsOut, cancelled = claimed(), {}

-- wanted asks the ticket as it is now: 'wants' lists what it wants sent. If that
-- cannot be read, it wants every page that somebody has to act on.
local function wanted(page)
  local key = P .. 't:' .. page[1]
  local ticket = call('HMGET', key, 'wants', 'json', 'state')
  if ticket[1] then return string.find(ticket[1], ' ' .. page[2] .. ' ', 1, true), ticket[2] end
  local damaged = ticket[3] and ticket[3] ~= 'closed' or call('EXISTS', key .. ':damaged') == 1
  return damaged and string.sub(page[2], 1, 5) == 'page/', ticket[2]
end

-- mend fills in from a page's key what its fields lack. If the key is no page's,
-- it returns nothing.
local function mend(key, page, urgency)
  local number, episode, step = string.match(key, '^([^/]+)/(%d+)/(-?%d+)/%d+/[^/]+/[^/]+$')
  if not number then return end
  local kind = ({['-2'] = 'joined', ['-3'] = 'taken', ['-4'] = 'recovered'})[step] or 'page'
  page[1], page[2] = page[1] or number, page[2] or kind .. '/' .. episode
  page[3], page[4] = page[3] or 'queued', page[4] or string.format('%.0f', now)
  call('HSET', P .. 'p:' .. key, 'ticket', page[1], 'want', page[2], 'state', page[3], 'ordered', page[4],
    'urgency', call('HGET', P .. 'p:' .. key, 'urgency') or urgency)
  return page
end

local function consider(key, urgency)
  local name = P .. 'p:' .. key
  local page = call('HMGET', name, 'ticket', 'want', 'state', 'ordered', 'attempts')
  if not (page[1] and page[2] and page[3] and page[4]) then page = mend(key, page, urgency) end
  if not page then return end
  local want, json = wanted(page)
  local waits = page[3] == 'queued' or page[3] == 'sending' -- else a receipt's owner held it (script receipt)
  call('ZREM', P .. 'queued', page[4] .. ' ' .. key)
  if not want then
    call('HDEL', name, 'owner', 'until')
    if waits then
      call('HSET', name, 'state', 'cancelled', 'retry', '')
      cancelled[#cancelled + 1] = page[1]
    end
    return
  end
  call('HSET', name, 'owner', owner, 'until', till, 'token', token)
  if waits then call('HSET', name, 'state', 'sending', 'retry', '', 'attempts', num(page[5], 0) + 1) end
  call('ZADD', P .. 'claims', till, key)
  return {key, call('HGETALL', name), json, page[3] ~= 'queued' and '1' or ''}
end

local claims, looked = {}, 0
for urgency = 4, least, -1 do
  while #claims < take and looked < look do
    local key = call('ZPOPMIN', P .. 'ready:' .. urgency)[1]
    if not key then break end
    looked = looked + 1
    claims[#claims + 1] = consider(key, urgency)
  end
end
log(cancelled)
local more = ''
for urgency = 4, 1, -1 do
  if call('EXISTS', P .. 'ready:' .. urgency) == 1 then more = '1' end
end
return {claims, more, later(), runsOut}

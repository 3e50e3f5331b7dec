-- Records what became of claimed pages (script log comes before this).
--
-- KEYS[1]  the prefix of the source's keys
-- ARGV     13 of each outcome: page's key, token, state, retry at, sent at,
--          provider's id, address, error, entry of the timeline or '',
--          1 if the provider gave no answer, 1 if it was not tried, the
--          pages that it carries as json or '', the provider's name or ''
-- Returns  for each outcome 1 if it was applied, 0 if it was dropped
local P, changed = KEYS[1], {}

local function finish(key, token, state, retry, sent, provider, address, err, entry, unclear, untried, carries, by)
  local name = P .. 'p:' .. key
  local page = call('HMGET', name, 'token', 'owner', 'state', 'urgency', 'ordered', 'ticket', 'quiet')
  if page[1] ~= token or not page[2] then return 0 end
  changed[#changed + 1] = page[6] or string.match(key, '^[^/]*')
  call('HDEL', name, 'owner', 'until')
  call('ZREM', P .. 'claims', key)
  call('ZREM', P .. 'ready:' .. level(page[4]), key)
  call('HSET', name, 'error', err)
  if provider ~= '' then call('HSET', name, 'provider', provider) end
  if by ~= '' then call('HSET', name, 'by', by) end
  if address ~= '' then call('HSET', name, 'address', address) end
  if unclear == '1' then call('HSET', name, 'unclear', 1) end
  if untried == '1' then increase(name, 'attempts', -1) end
  if carries ~= '' then call('HSET', name, 'carries', carries) end
  if state == 'sent' then call('HSET', name, 'sent', sent) end
  if entry ~= '' and not page[7] then call('RPUSH', P .. 'tl:' .. (page[6] or string.match(key, '^[^/]*')), entry) end
  -- A receipt that came first knows better.
  if page[3] ~= 'sending' then return 1 end
  call('HSET', name, 'state', state, 'retry', retry)
  if state == 'queued' then
    local ordered = num(page[5]) and page[5] or '0'
    call('ZADD', P .. 'queued', ordered, ordered .. ' ' .. key)
    if retry == '' then
      call('ZADD', P .. 'ready:' .. level(page[4]), ordered, key)
    else
      call('ZADD', P .. 'later', retry, key)
    end
  end
  return 1
end

local results = {}
for i = 1, #ARGV, 13 do
  results[#results + 1] = finish(unpack(ARGV, i, i + 12))
end
log(changed)
return results

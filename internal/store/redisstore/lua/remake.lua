-- What the scripts due, peek and claim share: an index of the wrong type was set
-- aside (script records), and is made anew from the records.

-- remaking says whether one of these indexes was set aside, once.
local function remaking(...)
  local names = {}
  for i, index in ipairs({...}) do names[i] = P .. index .. ':damaged' end
  if call('EXISTS', unpack(names)) == 0 then return false end
  for _, name in ipairs(names) do
    if call('EXISTS', name) == 1 then call('RENAME', name, name .. ':before') end
  end
  return true
end

-- eachTicket calls with number, state and fields of each ticket that is not closed.
local function eachTicket(visit)
  local seen = {}
  for _, list in ipairs({'list', 'list:open', 'list:acknowledged', 'list:in_progress', 'list:resolved'}) do
    local found = call('ZRANGE', P .. list, 0, -1, 'WITHSCORES')
    for i = 1, #found, 2 do
      local number, ticket = found[i], not seen[found[i]] and call('HMGET', P .. 't:' .. found[i], 'state', 'deadline')
      seen[number] = true
      if ticket and ticket[1] and ticket[1] ~= 'closed' then visit(number, ticket, found[i + 1]) end
    end
  end
end

-- remakeDue makes deadlines and the lists of tickets by their state.
local function remakeDue()
  eachTicket(function(number, ticket, opened)
    call('ZADD', P .. 'list', opened, number)
    call('ZADD', P .. 'list:' .. ticket[1], opened, number)
    if num(ticket[2]) then call('ZADD', P .. 'due', ticket[2], 't:' .. number) end
    for _, fingerprint in ipairs(call('ZRANGE', P .. 'ta:' .. number, 0, -1)) do
      local alert = call('HMGET', P .. 'a:' .. fingerprint, 'status', 'silent')
      if alert[1] == 'firing' and num(alert[2]) then call('ZADD', P .. 'due', alert[2], 'a:' .. fingerprint) end
    end
  end)
end

-- remakeQueue makes the queue of pages.
local function remakeQueue()
  eachTicket(function(number)
    for _, key in ipairs(call('LRANGE', P .. 'tp:' .. number, 0, -1)) do
      local page = call('HMGET', P .. 'p:' .. key, 'state', 'urgency', 'ordered', 'retry', 'owner', 'until')
      local ordered = num(page[3]) and page[3] or '0'
      if page[5] then
        call('ZADD', P .. 'claims', num(page[6], 0), key)
      elseif page[1] == 'queued' then
        call('ZADD', P .. 'queued', ordered, ordered .. ' ' .. key)
        if num(page[4]) then
          call('ZADD', P .. 'later', page[4], key)
        else
          call('ZADD', P .. 'ready:' .. level(page[2]), ordered, key)
        end
      end
    end
  end)
end

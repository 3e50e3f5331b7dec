-- What the scripts commit, due and damage share: the alerts of closed tickets.
--
-- A closed ticket's alerts go with it: all at once if they are few. Otherwise the
-- first ones go now, and some more at each look for what is due. Until then every
-- script takes an alert of a closed ticket for none.
local P = KEYS[1]
local CLEAR = 500 -- at a time, so that one call stays short

-- put calls a command that takes any number of values, as many at a time as
-- Lua can pass. There may be none.
local function put(command, key, values)
  for i = 1, #values, 1000 do
    call(command, key, unpack(values, i, math.min(i + 999, #values)))
  end
end

-- add appends to the list of that name.
local function add(lists, name, ...)
  local list = lists[name] or {}
  lists[name] = list
  for _, value in ipairs({...}) do list[#list + 1] = value end
end

-- isGone says that a ticket is closed or does not exist. One that cannot be read
-- counts as closed (script damage).
local function isGone(number)
  local state = call('HGET', P .. 't:' .. number, 'state')
  return not state or state == 'closed'
end

-- stored keeps the count of alerts that are stored, which bounds what is kept of
-- a source. The count may be somewhat wrong if records were damaged.
local function stored(by)
  if by == 0 then return end
  local n = redis.pcall('INCRBY', P .. 'alerts', by)
  if failed(n) then call('SET', P .. 'alerts', math.max(by, 0)) elseif n <= 0 then call('DEL', P .. 'alerts') end
end

-- clearSome clears some alerts of one index of a closed ticket. It leaves alone
-- an alert that belongs to another ticket by now.
local function clearSome(index, number)
  local found, names, due, senders = call('ZRANGE', index, 0, CLEAR - 1), {}, {}, {}
  for _, fingerprint in ipairs(found) do
    local alert = call('HMGET', P .. 'a:' .. fingerprint, 'ticket', 'sender')
    if alert[1] == number then
      names[#names + 1], due[#due + 1] = P .. 'a:' .. fingerprint, 'a:' .. fingerprint
      if alert[2] and alert[2] ~= '' then add(senders, alert[2], fingerprint) end
    end
  end
  if #names > 0 then call('UNLINK', unpack(names)) end
  stored(-#names)
  put('ZREM', P .. 'due', due)
  for sender, fingerprints in pairs(senders) do put('SREM', P .. 's:' .. sender, fingerprints) end
  put('ZREM', index, found)
end

-- clearMore goes on with one of the tickets that are not cleared yet.
local function clearMore()
  local number = call('SRANDMEMBER', P .. 'closing')
  if not number then return end
  clearSome(P .. 'tc:' .. number, number)
  if call('EXISTS', P .. 'tc:' .. number) == 0 then call('SREM', P .. 'closing', number) end
end

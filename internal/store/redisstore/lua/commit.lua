-- Applies changes to tickets, each whole or not at all (scripts records, shelf,
-- counts, crowd, clear and log come before this).
--
-- KEYS[1]  the prefix of the source's keys
-- KEYS[2…] two of each prefix with guessed numbers: the hash of number → source,
--          the sequence
-- ARGV[1]  the name of this commit; sent twice, it changes nothing the second time
-- ARGV[2]  the source
-- ARGV[3]  how many seconds a sequence is kept if nobody asks it
-- ARGV[4]  what the channels of hints begin with
-- ARGV[5…] of each change: 23 fields, then 12 of each alert, one of each entry,
--          10 of each page, as named below (a page with an owner is claimed by
--          it already); 6 of each record, as script shelve has them
-- Returns  for each change 1 if it was applied, 0 if it was refused, -1
--          if its number was guessed wrong
--
-- The caller keeps the rules that need the meaning of a state: it sends whether a
-- state is active or closed, and which pages the ticket wants.
local commit, source, keep, channel = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local HEAD, ALERT, PAGE, RECORD = 23, 12, 10, 6

-- right files a number that the caller guessed, the nth of its prefix, if nobody
-- has it. The caller learnt the sequence from a run of the server, when it was at
-- base. The guess counts only while that run still counts: it knows all numbers
-- that it gave, but not all that an earlier run gave.
local sequences = {} -- by place in KEYS; false where none can be guessed
local function right(number, place, n, base, run)
  place, n, base = tonumber(place), tonumber(n), tonumber(base)
  local s = sequences[place]
  if s == nil then
    local at, last, here, asked, renew = counted(KEYS[place + 1])
    s = num(at) and last == run and here == run and {n = tonumber(at), run = run, asked = asked, renew = renew}
    sequences[place] = s
  end
  if not s or s.n < base or call('HSETNX', KEYS[place], number, source) == 0 then return false end
  s.n = math.max(s.n, n)
  call('HSET', KEYS[place + 1], 'n', s.n, 'run', s.run, 'asked', s.asked)
  if s.renew then call('EXPIRE', KEYS[place + 1], keep) end
  s.renew = false
  return true
end

-- What the source has, once a change asks for it: it is counted once a commit, and
-- kept up to date with each change.
local has = {active = nil, opened = nil, at = nil}

-- The tickets that this commit changes, for the log.
local changed = {}

-- tally keeps the counts of tickets that are not closed.
local function tally(state, urgency, by)
  if state and urgency and state ~= 'closed' then
    increase(P .. 'stats', urgency .. ':' .. state, by)
    if has.active and state ~= 'resolved' then has.active = has.active + by end
  end
end

local function alertOf(fingerprint)
  return call('HMGET', P .. 'a:' .. fingerprint, 'ticket', 'sender', 'last')
end

-- putAlerts stores the alerts from ARGV[first] to before ARGV[after]. olds are
-- their stored records. It returns the deadlines to add and to remove.
local function putAlerts(number, first, after, olds)
  local due, over, ranks, senders, fresh = {}, {}, {}, {}, {}
  for at = first, after - 1, ALERT do
    local fingerprint, _, _, status, rank, urgency, count, last, silent, sender, began, json = unpack(ARGV, at, at + ALERT - 1)
    local old, entry = olds[at], 'a:' .. fingerprint
    if not old[1] then fresh[fingerprint] = true end
    if old[1] and old[1] ~= number then
      call('ZREM', P .. 'ta:' .. old[1], fingerprint)
      changed[#changed + 1] = old[1]
    end
    if old[2] and old[2] ~= '' then call('SREM', P .. 's:' .. old[2], fingerprint) end
    call('HSET', P .. entry, 'ticket', number, 'status', status, 'urgency', urgency, 'count', count,
      'last', last, 'silent', silent, 'sender', sender, 'began', began, 'json', json)
    ranks[#ranks + 1], ranks[#ranks + 2] = rank, fingerprint
    if sender ~= '' and status ~= 'resolved' then add(senders, sender, fingerprint) end
    if status == 'firing' and silent ~= '' then
      due[#due + 1], due[#due + 2] = silent, entry
    elseif old[1] then
      over[#over + 1] = entry
    end
  end
  local n = 0
  for _ in pairs(fresh) do n = n + 1 end
  stored(n)
  put('ZADD', P .. 'ta:' .. number, ranks)
  for sender, fingerprints in pairs(senders) do put('SADD', P .. 's:' .. sender, fingerprints) end
  return due, over
end

-- putPages queues the pages from ARGV[first] to before ARGV[after]. A new ticket
-- cannot have any yet.
local function putPages(number, first, after, new)
  local keys, queued, ready = {}, {}, {}
  for at = first, after - 1, PAGE do
    local key, urgency, want, ordered, retry, json, quiet, owner, till, token = unpack(ARGV, at, at + PAGE - 1)
    local name = P .. 'p:' .. key
    if new and at == first or call('HEXISTS', name, 'state') == 0 then
      call('HSET', name, 'state', 'queued', 'ticket', number, 'urgency', urgency, 'want', want,
        'ordered', ordered, 'retry', retry, 'json', json)
      if quiet == '1' then call('HSET', name, 'quiet', 1) end
      keys[#keys + 1] = key
      if owner ~= '' then
        call('HSET', name, 'state', 'sending', 'owner', owner, 'until', till, 'token', token, 'attempts', 1)
        add(ready, 'claims', till, key)
      else
        queued[#queued + 1], queued[#queued + 2] = ordered, ordered .. ' ' .. key
      end
      if owner ~= '' then
      elseif retry == '' then
        add(ready, 'ready:' .. urgency, ordered, key)
      else
        add(ready, 'later', retry, key)
      end
    end
  end
  put('RPUSH', P .. 'tp:' .. number, keys)
  put('ZADD', P .. 'queued', queued)
  for index, pages in pairs(ready) do put('ZADD', P .. index, pages) end
end

-- A closed ticket's alerts and group are gone, so that nothing else has to ask
-- whether the ticket that an alert or a group names is closed.
local function clear(number, group)
  local index, rest = P .. 'ta:' .. number, P .. 'tc:' .. number
  clearSome(index, number)
  if call('EXISTS', index) == 1 then
    if call('RENAMENX', index, rest) == 0 then
      call('ZUNIONSTORE', rest, 2, rest, index)
      call('UNLINK', index)
    end
    call('SADD', P .. 'closing', number)
  end
  if group ~= '' and call('GET', P .. 'g:' .. group) == number then call('DEL', P .. 'g:' .. group) end
end

-- beyond says whether the source has as many tickets as it may.
local function beyond(mostActive, mostOpened, at)
  if mostActive > 0 and not has.active then has.active = activeOf() end
  if mostOpened > 0 and has.at ~= at then has.at, has.opened = at, openedSince(at) end
  return mostActive > 0 and has.active >= mostActive or mostOpened > 0 and has.opened >= mostOpened
end

-- change applies the change whose fields begin at ARGV[at]. It returns 1, 0 or
-- -1, and where the next one begins.
local function change(at)
  local number, revision, state, active, urgency, wants, deadline, opened, group, take, was, json,
    closed, alerts, entries, pages, place, n, base, run, mostActive, mostOpened,
    records = unpack(ARGV, at, at + HEAD - 1)
  local firstAlert = at + HEAD
  local firstEntry = firstAlert + ALERT * alerts
  local firstPage = firstEntry + entries
  local firstRecord = firstPage + PAGE * pages
  local after = firstRecord + RECORD * records

  local key, name = P .. 't:' .. number, commit .. ':' .. at
  local old = call('HMGET', key, 'revision', 'commit', 'state', 'urgency')
  if old[2] == name then return 1, after end
  if (old[1] or '0') ~= revision then return place == '' and 0 or -1, after end
  if take == '1' then
    local has = call('GET', P .. 'g:' .. group) or ''
    if has ~= was and not (was == '' and isGone(has)) then return 0, after end
  end
  local olds = {}
  for i = firstAlert, firstEntry - 1, ALERT do
    olds[i] = alertOf(ARGV[i])
    local was = olds[i][1] or ''
    if was ~= ARGV[i + 1] and not (ARGV[i + 1] == '' and isGone(was)) then return 0, after end
    if ARGV[i + 2] ~= '' and olds[i][3] ~= ARGV[i + 2] then return 0, after end
  end
  if not old[1] and beyond(tonumber(mostActive), tonumber(mostOpened), opened) then return 0, after end
  if unexpected(firstRecord, after) then return 0, after end
  if place ~= '' and not right(number, place, n, base, run) then return -1, after end

  call('HSET', key, 'revision', revision + 1, 'commit', name, 'state', state, 'active', active,
    'urgency', urgency, 'wants', wants, 'deadline', deadline, 'json', json)
  if old[3] ~= state or old[4] ~= urgency then
    tally(old[3], old[4], -1)
    tally(state, urgency, 1)
  end
  if not old[1] then
    call('ZADD', P .. 'list', opened, number)
    if has.at then has.opened = has.opened + 1 end
    if has.at ~= opened then has.at = nil end
  end
  if old[3] ~= state then
    if old[3] then call('ZREM', P .. 'list:' .. old[3], number) end
    if closed ~= '1' then call('ZADD', P .. 'list:' .. state, opened, number) end
  end
  if take == '1' then call('SET', P .. 'g:' .. group, number) end

  local due, over = putAlerts(number, firstAlert, firstEntry, olds)
  if deadline ~= '' then
    due[#due + 1], due[#due + 2] = deadline, 't:' .. number
  elseif old[1] then
    over[#over + 1] = 't:' .. number
  end
  put('ZREM', P .. 'due', over)
  put('ZADD', P .. 'due', due)
  local texts = {}
  for i = firstEntry, firstPage - 1 do texts[#texts + 1] = ARGV[i] end
  put('RPUSH', P .. 'tl:' .. number, texts)
  putPages(number, firstPage, firstRecord, not old[1])
  write(firstRecord, after, channel, {})
  if closed == '1' then clear(number, group) end
  return 1, after
end

local results, at = {}, 5
while at <= #ARGV do
  local number = ARGV[at]
  results[#results + 1], at = change(at)
  if results[#results] == 1 then changed[#changed + 1] = number end
end
log(changed)
return results

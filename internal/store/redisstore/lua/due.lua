-- Lists what is due, the earliest first (scripts clear, lose and
-- remake come before this).
--
-- KEYS[1]  the prefix of the source's keys
-- ARGV     now, how many at most
-- Returns  a list of {ticket, fingerprint or '', at}, and when the next one
--          after those is, '' for never
local now, limit = tonumber(ARGV[1]), tonumber(ARGV[2])
local MOVES = 2000 -- so that one call stays short; the rest is "next", at once

-- stands returns the ticket and the exact time of an entry, or moves an alert's
-- entry to if it belongs: repeats leave it behind (script observe).
local function stands(entry, score)
  local id = string.sub(entry, 3)
  if string.sub(entry, 1, 2) == 't:' then
    local ticket = call('HMGET', P .. 't:' .. id, 'deadline', 'state')
    local at, state = ticket[1], ticket[2]
    if at and at ~= '' then return id, num(at) and at or string.format('%.0f', score) end
    if not state then
      lose(id)
    else
      call('ZREM', P .. 'due', entry)
    end
    return
  end
  local alert = call('HMGET', P .. 'a:' .. id, 'ticket', 'silent', 'status')
  if alert[3] ~= 'firing' or not alert[1] or not num(alert[2]) or isGone(alert[1]) then
    call('ZREM', P .. 'due', entry)
  elseif tonumber(alert[2]) ~= tonumber(score) then
    call('ZADD', P .. 'due', alert[2], entry)
  else
    return alert[1], alert[2]
  end
end

if remaking('due', 'list', 'list:open', 'list:acknowledged', 'list:in_progress', 'list:resolved') then remakeDue() end
clearMore()
local due, moves = {}, 0
while true do
  local head = call('ZRANGE', P .. 'due', #due, #due, 'WITHSCORES')
  local entry, score = head[1], head[2]
  if not entry then return {due, ''} end
  local ticket, at = stands(entry, score)
  if ticket then
    if tonumber(score) > now or #due == limit then return {due, at} end
    due[#due + 1] = {ticket, string.sub(entry, 1, 2) == 'a:' and string.sub(entry, 3) or '', at}
  else
    moves = moves + 1
    if moves == MOVES then return {due, score} end
  end
end

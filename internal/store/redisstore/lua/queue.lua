-- What the scripts peek and claim share: the queue of one source's pages.
--
-- A page that waits for its time is in 'later'. One that may go is in
-- 'ready:<urgency>', the longest waiting first. One that is claimed is in
-- 'claims' until its claim runs out. 'queued' counts the pages that wait.
local RIPEN = 1000 -- at a time, so that one call stays short

-- ripen moves to 'ready' the pages whose time has come.
local function ripen(now)
  if remaking('ready:1', 'ready:2', 'ready:3', 'ready:4', 'later', 'claims', 'queued') then remakeQueue() end
  local function move(from, bound)
    for _, key in ipairs(call('ZRANGEBYSCORE', P .. from, '-inf', bound, 'LIMIT', 0, RIPEN)) do
      local page = call('HMGET', P .. 'p:' .. key, 'urgency', 'ordered')
      call('ZREM', P .. from, key)
      call('ZADD', P .. 'ready:' .. level(page[1]), num(page[2], now), key)
    end
  end
  move('later', now)
  move('claims', '(' .. now)
end

-- first is the time of an index's first entry, '' for never.
local function first(index, field)
  local head = call('ZRANGE', P .. index, 0, 0, 'WITHSCORES')
  if not head[1] then return '' end
  local at = call('HGET', P .. 'p:' .. head[1], field)
  return num(at) and at or string.format('%.0f', head[2])
end

local function later() return first('later', 'retry') end
local function claimed() return first('claims', 'until') end

-- What the scripts peek and claim share: the queue of one source's pages.
--
-- A page that waits for its time is in 'later'; one that may go is in
-- 'ready:<urgency>', the longest waiting first; one that is claimed is in
-- 'claims' until its claim runs out. 'queued' counts those that wait.
local P, call = KEYS[1], redis.call
local RIPEN = 1000 -- at a time, so that one call stays short

-- ripen moves to 'ready' what became so by now.
local function ripen(now)
  local function move(from, bound)
    for _, key in ipairs(call('ZRANGEBYSCORE', P .. from, '-inf', bound, 'LIMIT', 0, RIPEN)) do
      local page = call('HMGET', P .. 'p:' .. key, 'urgency', 'ordered')
      call('ZREM', P .. from, key)
      call('ZADD', P .. 'ready:' .. page[1], page[2], key)
    end
  end
  move('later', now)
  move('claims', '(' .. now)
end

-- first is when the first of an index comes up, '' for never.
local function first(index, field)
  local key = call('ZRANGE', P .. index, 0, 0)[1]
  return key and call('HGET', P .. 'p:' .. key, field) or ''
end

local function later() return first('later', 'retry') end
local function claimed() return first('claims', 'until') end

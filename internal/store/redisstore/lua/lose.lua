-- What the scripts due and damage share: a ticket that cannot be read.

-- lose takes the ticket out of everything that leads to it. If it asked for work,
-- or may have, people must hear of it once: it waits in 'untold' (script untold).
local function lose(number)
  local due, active = call('ZREM', P .. 'due', 't:' .. number), 0
  for _, state in ipairs({'open', 'acknowledged', 'in_progress'}) do
    active = active + call('ZREM', P .. 'list:' .. state, number)
  end
  local resolved = call('ZREM', P .. 'list:resolved', number)
  if active > 0 or due > 0 and resolved == 0 then call('ZADD', P .. 'untold', 0, number) end
end

-- What replicas took of their limits, and what is set aside for the one that asks. One key for each caller and quota: the
-- theoretical arrival time of a GCRA, in microseconds of this server's clock. Keys go when they say nothing any more.
--
-- Where a key is gone, the server may have lost it, or its clock was put forward: then what is left is no more than the one
-- that asks knows of. Where a key says that more is owed than two bursts, the clock was put back.
--
-- KEYS: one for each entry. ARGV: seven numbers for each: amount, period in microseconds, burst, owed, wanted, returned, and
-- what is left at most.
-- Gives two numbers for each: what was set aside, and what is left.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local told = {}
for index, key in ipairs(KEYS) do
  local from = (index - 1) * 7
  local each = ARGV[from + 2] / ARGV[from + 1]
  local burst = tonumber(ARGV[from + 3])
  local arrival = tonumber(redis.call('GET', key) or now)
  if arrival <= now then
    arrival = now + (burst - math.min(burst, tonumber(ARGV[from + 7]))) * each
  end
  arrival = math.min(arrival, now + 2 * burst * each)
  -- What came back unused counts as never taken; what was owed comes off, whatever is left.
  arrival = arrival - ARGV[from + 6] * each + ARGV[from + 4] * each
  local left = math.floor((now + burst * each - arrival) / each + 0.000001)
  local granted = math.max(math.min(left, tonumber(ARGV[from + 5])), 0)
  arrival = arrival + granted * each
  if arrival > now then
    redis.call('SET', key, string.format('%.3f', arrival), 'PX', math.ceil((arrival - now) / 1000) + 1)
  else
    redis.call('DEL', key)
  end
  told[#told + 1] = granted
  told[#told + 1] = math.min(left - granted, burst)
end
return told

-- Sanctions that replicas have together. KEYS: the sanctions, their fields by the number of their last edit, the number,
-- and when each was edited, by this server's clock: clocks of replicas differ. ARGV: the number that the one that asks has
-- seen, the most it takes, then three for each edit: field, value, and what must be there before; an empty value takes a
-- sanction out. Gives the number, and then number, field, value and age in milliseconds of each edit that it has not seen.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
for index = 3, #ARGV, 3 do
  local field, value, before = ARGV[index], ARGV[index + 1], ARGV[index + 2]
  local known = redis.call('HGET', KEYS[1], field)
  if (before == '' or known == before) and known ~= value then
    local number = redis.call('INCR', KEYS[3])
    if value == '' then
      redis.call('HDEL', KEYS[1], field)
      redis.call('HDEL', KEYS[4], field)
    else
      redis.call('HSET', KEYS[1], field, value)
      redis.call('HSET', KEYS[4], field, string.format('%.0f', now))
    end
    redis.call('ZADD', KEYS[2], number, field)
  end
end
-- Of the oldest, what is told no more is forgotten: more than all tables of a replica hold.
local crowd = redis.call('ZCARD', KEYS[2]) - 200000
if crowd > 0 then
  for _, field in ipairs(redis.call('ZRANGE', KEYS[2], 0, crowd - 1)) do
    redis.call('HDEL', KEYS[1], field)
    redis.call('HDEL', KEYS[4], field)
  end
  redis.call('ZREMRANGEBYRANK', KEYS[2], 0, crowd - 1)
end
local last = tonumber(redis.call('GET', KEYS[3]) or 0)
local told = { tostring(last) }
local fresh = redis.call('ZRANGEBYSCORE', KEYS[2], '(' .. ARGV[1], '+inf', 'WITHSCORES', 'LIMIT', 0, ARGV[2])
for index = 1, #fresh, 2 do
  local since = tonumber(redis.call('HGET', KEYS[4], fresh[index]) or now)
  told[#told + 1] = fresh[index + 1]
  told[#told + 1] = fresh[index]
  told[#told + 1] = redis.call('HGET', KEYS[1], fresh[index]) or ''
  told[#told + 1] = string.format('%.0f', math.max(now - since, 0))
end
return told

-- KEYS: the replicas, by when they were last heard of. ARGV: the one that asks, and after how many milliseconds one is
-- gone. Gives how many there are. One that was heard of later than now is from before this server's clock was put back.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[1], now + ARGV[2], '+inf')
redis.call('PEXPIRE', KEYS[1], 2 * ARGV[2])
return redis.call('ZCARD', KEYS[1])

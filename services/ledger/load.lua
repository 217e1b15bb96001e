-- ARGV[5..]: the fields. Replies {1, states, states, ...}, a list a chunk.
-- States without a position belong to no record of the log: they count as absent, and {1} says so.
local reply = {1}
if absent then return reply end
for first = 5, #ARGV, CHUNK do
  local last = math.min(first + CHUNK - 1, #ARGV)
  reply[#reply + 1] = redis.call('HMGET', KEYS[2], unpack(ARGV, first, last))
end
return reply

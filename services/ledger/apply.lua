-- ARGV[4..8]: the new owner, pos, req, src and hash. From ARGV[9]: the fields to delete, an empty text, and the fields
-- to write, each followed by its state. Replies {1}.
-- A script that fails is not rolled back. So the position comes last: what can fail (a key of another type, no memory
-- left) fails before it and before the first write.
local gap = 9
while ARGV[gap] and ARGV[gap] ~= '' do gap = gap + 1 end

if absent then redis.call('UNLINK', KEYS[2]) end   -- left over without a position: see load.lua
for first = 9, gap - 1, CHUNK do
  redis.call('HDEL', KEYS[2], unpack(ARGV, first, math.min(first + CHUNK - 1, gap - 1)))
end
for first = gap + 1, #ARGV, CHUNK do
  redis.call('HSET', KEYS[2], unpack(ARGV, first, math.min(first + CHUNK - 1, #ARGV)))
end
redis.call('HSET', KEYS[1], 'owner', ARGV[4], 'pos', ARGV[5], 'req', ARGV[6], 'src', ARGV[7], 'hash', ARGV[8])
return {1}

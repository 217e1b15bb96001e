-- ARGV[5..9]: the new owner, pos, req, src and hash. From ARGV[10]: the fields to delete, an empty text, and the fields
-- to write, each followed by its state. Replies {1}.
-- A script that fails is not rolled back. So the position comes last: what can fail (a key of another type, no memory
-- left) fails before it and before the first write.
local gap = 10
while ARGV[gap] and ARGV[gap] ~= '' do gap = gap + 1 end

if absent then redis.call('UNLINK', KEYS[2]) end   -- left over without a position: see load.lua
for first = 10, gap - 1, CHUNK do
  redis.call('HDEL', KEYS[2], unpack(ARGV, first, math.min(first + CHUNK - 1, gap - 1)))
end
for first = gap + 1, #ARGV, CHUNK do
  redis.call('HSET', KEYS[2], unpack(ARGV, first, math.min(first + CHUNK - 1, #ARGV)))
end
redis.call('HSET', KEYS[2], 'position', table.concat(ARGV, ' ', 5, 9))
redis.call('HSET', KEYS[1], 'owner', ARGV[5], 'pos', ARGV[6], 'req', ARGV[7], 'src', ARGV[8], 'hash', ARGV[9])
return {1}

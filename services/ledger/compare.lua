-- Comes before each of the other scripts: goes on only if the position is the one that the caller believes in, and the
-- states are its own: they hold a copy of it.
-- KEYS[1] position, KEYS[2] states; ARGV[1] owner, ARGV[2] pos, ARGV[3] hash, ARGV[4] the whole position in one text.
-- Texts are compared with texts: a number in Lua is a double and would round beyond 2^53.
-- Replies {0, {owner, pos, hash, copy}} with what was found instead.
local found = redis.call('HMGET', KEYS[1], 'owner', 'pos', 'hash')
local absent = redis.call('EXISTS', KEYS[1]) == 0
if absent then found = {'-1', '0', '-', '-1 0 -1 -1 -'} else found[4] = redis.call('HGET', KEYS[2], 'position') end
for i = 1, 4 do
  if found[i] ~= ARGV[i] then return {0, found} end
end

local CHUNK = 4000   -- arguments a call; unpack fails at about 8000. Even: HSET takes pairs.

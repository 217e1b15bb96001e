-- Comes before each of the other scripts: goes on only if the position is the one that the caller believes in.
-- KEYS[1] position, KEYS[2] states; ARGV[1] owner, ARGV[2] pos, ARGV[3] hash.
-- Texts are compared with texts: a number in Lua is a double and would round beyond 2^53.
-- Replies {0, {owner, pos, hash}} with what was found instead.
local found = redis.call('HMGET', KEYS[1], 'owner', 'pos', 'hash')
local absent = redis.call('EXISTS', KEYS[1]) == 0
if absent then found = {'-1', '0', '-'} end
if found[1] ~= ARGV[1] or found[2] ~= ARGV[2] or found[3] ~= ARGV[3] then return {0, found} end

local CHUNK = 4000   -- arguments a call; unpack fails at about 8000. Even: HSET takes pairs.

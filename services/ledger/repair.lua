-- Deletes states and position together if they still are as they were found damaged. KEYS[1] position, KEYS[2] states;
-- ARGV[1..6]: owner, pos, req, src, hash, and the copy in the states, empty where missing. Replies 1, or 0 if not.
local found = redis.call('HMGET', KEYS[1], 'owner', 'pos', 'req', 'src', 'hash')
found[6] = redis.call('HGET', KEYS[2], 'position')
for i = 1, 6 do
  if (found[i] or '') ~= ARGV[i] then return 0 end
end
redis.call('UNLINK', KEYS[1], KEYS[2])
return 1

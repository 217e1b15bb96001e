-- Deletes states and position together. Replies {1}.
redis.call('UNLINK', KEYS[1], KEYS[2])
return {1}

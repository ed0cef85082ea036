// Redis's door: the connection that all adapters over Redis stand on, each with one of its own, and how they name their keys.
export { keyPrefix } from './key-prefix.ts';
export { type RedisClient, RedisConnection, type RedisConnectionOptions } from './redis-connection.ts';

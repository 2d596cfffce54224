// The stores that clients write to: orders go to PostgreSQL, carts to Redis.
export const STORES = ['postgres', 'redis'] as const;
export type StoreName = (typeof STORES)[number];

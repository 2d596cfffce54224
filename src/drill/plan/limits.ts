// Limits that programs of a run share with the plan. Nothing is imported here: what a program
// imports it loads, and the schemas of a plan would take it longer than all else.

/**
 * The most operations that a workload has in flight, each on a connection of its own. A database
 * takes 1,000 connections, some are for others. Over HTTP it is the memory and the time of the
 * workload: 20,000 that wait took 460 MB and made it stand still for 15 s, 2,000 take 220 MB.
 */
export const IN_FLIGHT_MAX = { sql: 800, http: 2_000 } as const;

/** Database connections of one app instance; each waits for one commit at a time. */
export const APP_CONNECTIONS = 20;

/** Seed rows have to be written within so long, so many at once. */
export const SEED_ROWS_MS = 50_000;
export const SEED_ROWS_AT_ONCE = 16;

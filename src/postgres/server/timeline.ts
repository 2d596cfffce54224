// On which timeline a server writes, in SQL: eight hexadecimal digits.

/** Fails on a standby, which writes on none. */
export const WRITTEN_TIMELINE = 'substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8)';

/** Of a server that keeps its log to itself: zero stands for one that is not known. */
export const UNTOLD_TIMELINE = "'0'";

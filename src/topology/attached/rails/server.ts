// What happens on a whole server, whoever does it: a failover ends it, or takes it along.
import { writesOwnTable } from '../../../drill/attached/clients.ts';
import { firstOf, sqlName, type Rail } from './rail.ts';

/** The watch, the readers of the survivors and the proofs. */
const OWN_CONNECTIONS = 6;
/** Other transactions than drill's, a second, that are still nobody's traffic. */
const QUIET_PER_S = 1;
/** The same of another database: what fails over works in one too. */
const QUIET_ELSEWHERE_PER_S = 10;

const sight: Rail = {
  name: 'drill sees what is there',
  allowedBy: null,
  find: (facts) =>
    firstOf(facts, ({ node, role, sees_all }) => {
      if (sees_all) return null;
      return {
        what: `the role ${role} on ${node}`,
        expected: 'to see the sessions of others, so that none is harmed',
        found: 'that it sees its own alone',
        hint: `grant pg_monitor to ${sqlName(role)}`,
      };
    }),
};

const connections: Rail = {
  name: 'room for connections',
  allowedBy: null,
  find: (facts) => {
    const { attached, workload } = facts.plan;
    const { rate_per_s, timeout_ms } = workload;
    // As many as can wait for an answer at the same time, and as many again for everybody else.
    const clients = writesOwnTable(attached.clients) ? (2 * rate_per_s * timeout_ms) / 1_000 : 0;
    const room = Math.ceil(clients) + OWN_CONNECTIONS;
    return firstOf(facts, ({ node, free_connections, limited_by }) => {
      if (free_connections >= room) return null;
      return {
        what: `free connections of ${node}`,
        expected: `${room}: twice what workload.rate and workload.timeout can come to`,
        found: `${free_connections}, by ${limited_by}`,
        hint: 'a lower workload.rate, or a shorter workload.timeout',
      };
    });
  },
};

const longTransactions: Rail = {
  name: 'no long transaction',
  allowedBy: null,
  find: (facts) =>
    firstOf(facts, ({ node, long_transactions: [transaction] }) => {
      if (transaction === undefined) return null;
      return {
        what: `an open transaction on ${node}`,
        expected: 'none that is minutes old: a failover would end it',
        found: transaction,
        hint: 'wait until it is over, or have its owner end it',
      };
    }),
};

const backups: Rail = {
  name: 'no backup under way',
  allowedBy: null,
  find: (facts) =>
    firstOf(facts, ({ node, backups: [taker] }) => {
      if (taker === undefined) return null;
      return {
        what: `a base backup of ${node}`,
        expected: 'none: a failover would end it',
        found: `one that ${taker} takes`,
        hint: 'wait until it is over',
      };
    }),
};

const lateSlots: Rail = {
  name: 'no slot that keeps much log',
  allowedBy: null,
  find: (facts) =>
    firstOf(facts, ({ node, late_slots: [slot] }) => {
      if (slot === undefined) return null;
      return {
        what: `a replication slot of ${node}`,
        expected: 'at most 1 GB of log that is kept for it: what drill writes comes on top',
        found: slot,
        hint: 'mend what reads it; or, where nobody does: select pg_drop_replication_slot(…)',
      };
    }),
};

/** Whoever reads it stops, or misses what came in between; no undo brings it back. */
const logicalSlots: Rail = {
  name: 'no logical slot that a failover loses',
  allowedBy: 'logical-slots',
  find: (facts) =>
    firstOf(facts, ({ node, logical_slots: [slot] }) => {
      if (slot === undefined) return null;
      return {
        what: `the logical replication slot ${slot} of ${node}`,
        expected: 'none, or one that the standby has too: whoever reads it would stop',
        found: 'one of this server alone',
        hint: 'if what fails over carries it along, or it may be lost: --allow logical-slots',
      };
    }),
};

const traffic: Rail = {
  name: 'no traffic of other people',
  allowedBy: 'live-traffic',
  isBlind: ({ servers }) => servers.some(({ traffic: seen }) => seen === null),
  find: (facts) =>
    firstOf(facts, ({ node, database, traffic: seen }) => {
      if (seen === null) return null;
      const { here_per_s, elsewhere } = seen;
      const isHere = here_per_s > QUIET_PER_S;
      if (!isHere && (elsewhere?.per_s ?? 0) <= QUIET_ELSEWHERE_PER_S) return null;
      const [of, per_s, most] = isHere
        ? [database, here_per_s, QUIET_PER_S]
        : [elsewhere!.database, elsewhere!.per_s, QUIET_ELSEWHERE_PER_S];
      return {
        what: `${of} on ${node}`,
        expected: `at most ${most}/s of transactions that are none of drill's`,
        found: `${per_s.toFixed(1)}/s`,
        hint: 'if they may be harmed: drill attach FILE --allow live-traffic',
      };
    }),
};

export const serverRails: readonly Rail[] = [
  sight,
  connections,
  longTransactions,
  backups,
  lateSlots,
  logicalSlots,
  traffic,
];

// What the database says for itself: whether it may be drilled, and what a drill would harm in it.
import { writesOwnTable } from '../../../drill/attached/clients.ts';
import type { Claim } from '../../../postgres/own/claim.ts';
import { firstOf, type Rail, type Refusal } from './rail.ts';

/** In the comment on a database whose owner lets it be drilled. */
const ALLOW_MARK = 'dr-drill: allow';

/** The watch, the readers of the survivors and the proofs. */
const OWN_CONNECTIONS = 6;
/** Other transactions than drill's, a second, that are still nobody's traffic. */
const QUIET_PER_S = 1;

const mark: Rail = {
  name: 'the database says yes',
  allowedBy: null,
  find: (facts) =>
    firstOf(facts, ({ isPrimary, node, database, comment }) => {
      if (!isPrimary || comment?.includes(ALLOW_MARK) === true) return null;
      return {
        what: `the comment on the database ${database}`,
        expected: `"${ALLOW_MARK}" in it, as its owner's own word`,
        found: comment === null ? 'no comment' : JSON.stringify(comment),
        hint: `on ${node}, by the owner: comment on database ${database} is '${ALLOW_MARK}'`,
      };
    }),
};

const claim: Rail = {
  name: 'nobody else drills it',
  allowedBy: null,
  find: (facts) =>
    firstOf(facts, ({ database, claim: held }) => {
      if (held === null) return null;
      return {
        what: `the system of ${database}`,
        expected: 'nobody else to drill it',
        ...heldBy(held),
      };
    }),
};

/** Who has it, and what to do. */
export function heldBy({ run, by, until }: Claim): Pick<Refusal, 'found' | 'hint'> {
  return {
    found: `the run ${run} of ${by}, until ${until} at the latest`,
    hint: `wait; where that runner is gone, there: drill clean ${run}`,
  };
}

const traffic: Rail = {
  name: 'no traffic of other people',
  allowedBy: 'live-traffic',
  find: (facts) =>
    firstOf(facts, ({ node, database, others_per_s }) => {
      if (others_per_s === null || others_per_s <= QUIET_PER_S) return null;
      return {
        what: `${database} on ${node}`,
        expected: `at most ${QUIET_PER_S} transaction a second that is none of drill's`,
        found: `${others_per_s.toFixed(1)}/s`,
        hint: 'if they may be harmed: drill attach FILE --allow live-traffic',
      };
    }),
};

/** A subscriber without the table stops for good: dropping it here does not heal that. */
const publications: Rail = {
  name: 'no publication takes in drill’s tables',
  allowedBy: null,
  find: (facts) =>
    firstOf(facts, ({ node, database, publications: [publication] }) => {
      if (publication === undefined) return null;
      return {
        what: `the publication ${publication} of ${database}, on ${node}`,
        expected: 'one that names its tables: drill makes some, which would stop its subscribers',
        found: `all tables, or all of the schema ${facts.plan.attached.schema}`,
        hint: `publish tables by name instead: create publication … for table …`,
      };
    }),
};

const eventTriggers: Rail = {
  name: 'no event trigger',
  allowedBy: null,
  find: (facts) =>
    firstOf(facts, ({ node, database, event_triggers: [trigger] }) => {
      if (trigger === undefined) return null;
      return {
        what: `the event trigger ${trigger} of ${database}, on ${node}`,
        expected: 'none: it would run for the tables that drill makes and drops',
        found: 'that it is enabled',
        hint: `for as long as the drill lasts: alter event trigger ${trigger} disable`,
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

const tablespace: Rail = {
  name: 'the usual tablespace',
  allowedBy: null,
  find: (facts) =>
    firstOf(facts, ({ node, role, tablespace: found }) => {
      if (found === '') return null;
      return {
        what: `default_tablespace of ${role}, on ${node}`,
        expected: 'none, so that the tables of drill stand where the others do',
        found,
        hint: `alter role ${role} set default_tablespace = ''`,
      };
    }),
};

const schema: Rail = {
  name: 'a schema of drill’s own',
  allowedBy: null,
  find: (facts) =>
    firstOf(facts, ({ node, database, schema: found }) => {
      if (found !== 'foreign') return null;
      return {
        what: `the schema ${facts.plan.attached.schema} of ${database}, on ${node}`,
        expected: 'none, an empty one, or one that carries the mark of drill',
        found: 'one that is somebody else’s',
        hint: 'topology.guard.schema: another name',
      };
    }),
};

export const databaseRails: readonly Rail[] = [
  claim,
  mark,
  publications,
  eventTriggers,
  schema,
  connections,
  longTransactions,
  tablespace,
  traffic,
];

// What a system of somebody's own is found to do: two servers that take writes at the same time,
// clients that are led to another one than it calls its primary, a server that never follows again.
import { TAKES_WRITES, unledWords } from '../../evidence/events/server-look.ts';
import { regionOf } from '../../base/node-name.ts';
import { formatDuration } from '../../base/units.ts';
import type { EventBodies } from '../../evidence/event.ts';
import { named, STORES } from '../../drill/stores.ts';
import type { Doubt } from '../../drill/measurement.ts';
import { doubt, doubts, type Failure } from '../measured.ts';
import type { Disaster, EventOf, Timeline } from '../timeline.ts';
import { plainDetail } from '../words.ts';

export function ownFailures(run: Timeline, { started_ms }: Disaster): Failure[] {
  const both = overlapsOf(run).map(([nodes, times]): Failure => {
    const first_ms = Math.min(...times.map(({ from_ms }) => from_ms));
    const last_ms = Math.max(...times.map(({ to_ms }) => to_ms));
    const [since, until] = [first_ms, last_ms].map((ms) => formatDuration(ms - started_ms));
    const often = times.length === 1 ? '' : `${times.length} times `;
    const when = `${often}from ${since} to ${until} after the fault`;
    const where = first_ms >= run.failback_ms ? `In the failback ${nodes}` : nodes;
    const text = `${where} both took writes, ${when}: the old primary was not fenced.`;
    return { code: 'two-primaries', text };
  });
  const elsewhere = run.all('marker.sought').flatMap(({ store, serving, found }): Failure[] => {
    if (found.length === 0) return [];
    const text =
      `${named('What clients write', store)} goes to ${found.join(' and ')}, and the system ` +
      `calls ${serving} its primary.`;
    return [{ code: 'written-elsewhere', store: STORES[store].written, text }];
  });
  const open = unprotected(run);
  const isTold = open.some(({ code }) => code === 'no-primary');
  return [...both, ...elsewhere, ...open, ...(isTold ? [] : leftWithout(run))];
}

type Overlap = EventBodies['primaries.overlapped'];

/** By the two servers; the last word of each has its end. */
function overlapsOf(run: Timeline): [nodes: string, times: Overlap[]][] {
  const last = new Map<string, Overlap>();
  for (const each of run.all('primaries.overlapped')) {
    last.set(`${each.nodes.join(' ')} ${each.from_ms}`, each);
  }
  const found = new Map<string, Overlap[]>();
  for (const each of last.values()) {
    const nodes = each.nodes.join(' and ');
    found.set(nodes, [...(found.get(nodes) ?? []), each]);
  }
  return [...found];
}

export function ownDoubts(run: Timeline, disaster: Disaster): Doubt[] {
  if (run.plan.attached === undefined) return [];
  return [...notMoved(run, disaster), ...doubts('loss', unreadElsewhere(run))];
}

/** What one server alone held is gone once it is undone, by drill or by the other side's switch. */
function unreadElsewhere(run: Timeline): string[] {
  const reads = run.all('survivors.read').filter(({ reading }) => reading === 'old-primary');
  const failed = reads.filter(({ ok }) => !ok);
  if (failed.length > 0) {
    return failed.map(({ node, detail }) => {
      return `What stood in one of ${node} alone ${UNREAD}: ${plainDetail(detail)}.`;
    });
  }
  if (reads.length > 0) return [];
  const both = overlapsOf(run).filter(([, [first]]) => first!.from_ms < run.failback_ms);
  return both.map(([nodes]) => `What stood in one of ${nodes} alone ${UNREAD}.`);
}

const UNREAD = 'was not read before it was undone';

/** A recovery by commands whose system is where it was: whatever they did, nothing failed over. */
function notMoved(run: Timeline, { region }: Disaster): Doubt[] {
  const began_ms = run.first('recovery.started')?.t;
  if (began_ms === undefined || run.plan.recover.with !== 'commands') return [];
  const looks = run.all('server.seen');
  const isOther = ({ node }: { readonly node: string }) => regionOf(node) !== region;
  const others = looks.filter((look) => isOther(look) && look.state === 'primary');
  if (looks.length === 0 || others.length > 0) return [];
  return [
    doubt('all', `No server outside ${region} was seen to take writes: nothing failed over.`),
  ];
}

/** A standby that answers like one, and never gets a row, is none. */
function unprotected(run: Timeline): Failure[] {
  const open = run.all('servers.followed').flatMap(({ checks, ms, t }) => {
    return checks.filter(({ ok }) => !ok).map((check) => ({ ...check, ms, t }));
  });
  const isUndone = run.plan.faults.some(({ effect }) => effect.heals);
  const since = isUndone ? 'all was undone' : 'the recovery';
  return open.map(({ name, detail, ms, t }): Failure => {
    const after = `${formatDuration(ms)} after ${t < run.failback_ms ? since : 'the failback'}`;
    if (name === TAKES_WRITES) {
      return noPrimary(`No server takes writes, ${after}`, plainDetail(detail));
    }
    const text = `Not protected again, ${after}: ${name}? ${plainDetail(detail)}.`;
    return { code: 'not-protected', text };
  });
}

const PROMOTE =
  'have the tool of the system promote the one that has most, and then call drill clean';

function noPrimary(what: string, servers: string): Failure {
  return { code: 'no-primary', text: `${what}: ${servers}; ${PROMOTE}.` };
}

/** However the run ended, also where nobody waited for anybody to follow. */
function leftWithout(run: Timeline): Failure[] {
  const left = lastLooks(run);
  if (left.length === 0 || left.some(({ state }) => state === 'primary')) return [];
  return [noPrimary('No server took writes when the run ended', unledWords(left))];
}

/** The last look at each server; empty: nobody looked to the end of the run. */
export function lastLooks(run: Timeline): readonly EventOf<'server.seen'>[] {
  if (run.first('watch.ended') === undefined) return [];
  return [...new Map(run.all('server.seen').map((seen) => [seen.node, seen])).values()];
}

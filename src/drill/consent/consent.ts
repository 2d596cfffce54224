// Whether a drill of somebody's own system is what somebody has agreed to: the consent is written
// and read, and held against the plan of a run. Pure.
import { clientsInFull, clientsPhrase, countPhrase } from '../attached/clients.ts';
import { isOwnPlan, type OwnPlan } from '../own-plan.ts';
import { parse, stringify } from 'yaml';
import { databaseAddress, placeInWords } from '../database-address.ts';
import type { Plan } from '../plan/plan.ts';
import { ownCommands, type OwnCommand } from './commands.ts';
import { statedLimits } from './limits.ts';
import { CONSENT_DAYS, systemConsent, type SystemConsent } from '../attached/consent-form.ts';

/** One point in which a drill is not what was agreed to. */
export interface Difference {
  readonly point: string;
  readonly expected: string;
  readonly found: string;
}

/** What only a look, and whoever agrees, can say. */
export type Agreed = Pick<
  SystemConsent,
  'by' | 'at' | 'until' | 'allow' | 'system_identifier' | 'identity'
>;

type Stated = Pick<SystemConsent, 'drill' | 'servers' | 'clients' | 'counted' | 'tables_in'>;
export function makeConsent(
  plan: OwnPlan,
  agreed: Agreed,
  hash: (text: string) => string,
): SystemConsent {
  const { by, at, until, allow, system_identifier, identity } = agreed;
  const { drill, servers, clients, counted, tables_in } = statedIn(plan);
  const commands = ownCommands(plan).map((each) => {
    return { ...each, sha256: hash(JSON.stringify(each.command)) };
  });
  return {
    schema: 'drill.consent/1',
    drill,
    by,
    at,
    until,
    allow,
    system_identifier,
    identity,
    servers,
    clients,
    ...(counted === undefined ? {} : { counted }),
    tables_in,
    limits: statedLimits(plan),
    commands,
  };
}

const HEAD = `# Written by drill attach: somebody agrees that drill may break this system.
# A run of which one point differs refuses. To agree again: drill attach.
`;

export function writeSystemConsent(consent: SystemConsent): string {
  return `${HEAD}${stringify(consent, { lineWidth: 0 })}`;
}

/** The consent in a file's text; or what is wrong with it, in a sentence. */
export function readSystemConsent(
  text: string,
  hash: (text: string) => string,
): SystemConsent | { readonly problem: string } {
  let tree: unknown;
  try {
    tree = parse(text, { maxAliasCount: 0 });
  } catch {
    return { problem: 'it is no YAML' };
  }
  const { success, data, error } = systemConsent.safeParse(tree);
  if (!success) {
    const [issue] = error.issues;
    return { problem: `${issue?.path.join('.') || 'it'}: ${issue?.message ?? 'is wrong'}` };
  }
  const changed = data.commands.find((each) => hash(JSON.stringify(each.command)) !== each.sha256);
  if (changed === undefined) return data;
  const { use, of, command } = changed;
  return { problem: `${use} of ${of} was changed by hand: ${command.join(' ')}` };
}

const DAY_MS = 86_400_000;

/** In what the plan is not what was agreed to, at that time; the first one says most. */
export function differencesFrom(
  consent: SystemConsent,
  plan: OwnPlan,
  now_ms: number,
): Difference[] {
  const { identity } = plan.attached;
  const stated = statedIn(plan);
  const now = new Date(now_ms).toISOString();
  const nodes = [...new Set([...Object.keys(consent.servers), ...Object.keys(stated.servers)])];
  return [
    ...differing('the drill', consent.drill, stated.drill),
    ...(Date.parse(consent.until) >= now_ms
      ? []
      : [{ point: 'its end', expected: `a run before ${consent.until}`, found: now }]),
    ...(Date.parse(consent.until) <= now_ms + CONSENT_DAYS * DAY_MS
      ? []
      : [{ point: 'its end', expected: `${CONSENT_DAYS} days at most`, found: consent.until }]),
    ...differing('topology.system.identity', consent.identity, identity?.is ?? null),
    ...nodes.flatMap((node) => differing(node, consent.servers[node], stated.servers[node])),
    ...differing('topology.system.clients', consent.clients, stated.clients),
    ...differing('topology.system.count', consent.counted, stated.counted),
    ...differing('topology.guard.schema', consent.tables_in, stated.tables_in),
    ...differentLimits(consent.limits, statedLimits(plan)),
    ...differentCommands(consent.commands, ownCommands(plan)),
  ];
}

/** A consent from before it held them may have been to others. */
function differentLimits(agreed: SystemConsent['limits'], stated: Record<string, string>) {
  if (agreed === undefined) {
    const expected = 'a consent that holds how far the drill goes (hurt_for, rate_at_most, …)';
    return [{ point: 'its limits', expected, found: 'one of an older drill, which does not' }];
  }
  const points = [...new Set([...Object.keys(agreed), ...Object.keys(stated)])];
  return points.flatMap((point) => differing(point, agreed[point], stated[point]));
}

/** Whether a command of that use is named in it. */
export function isNamed(
  { commands }: SystemConsent,
  use: string,
  command: readonly string[],
): boolean {
  return commands.some((each) => each.use === use && isSame(each.command, command));
}

/** Each name that the drill has for a part of the system, and where it stands. */
export function statedNames(plan: OwnPlan): { readonly where: string; readonly text: string }[] {
  const { servers, counted } = statedIn(plan);
  const { primary } = plan.attached;
  return [
    ...Object.entries(servers).map(([where, text]) => ({ where, text: `${where} ${text}` })),
    // What a body has in it names nothing.
    { where: 'topology.system.clients', text: clientsPhrase(plan.attached.clients) },
    ...(counted === undefined ? [] : [{ where: 'topology.system.count', text: counted }]),
    ...(primary.by === 'http' ? [{ where: 'topology.system.primary', text: primary.http }] : []),
  ];
}

function statedIn({ name: drill, attached }: OwnPlan): Stated {
  const { databases, clients, count, schema } = attached;
  const servers = databases.map(({ node, url }) => {
    return [node, placeInWords(databaseAddress(url) ?? { shown: url })] as const;
  });
  return {
    drill,
    servers: Object.fromEntries(servers),
    clients: clientsInFull(clients),
    ...(count === undefined ? {} : { counted: countPhrase(count) }),
    tables_in: schema,
  };
}

const NONE = 'none';

function differing(
  point: string,
  expected: string | null | undefined,
  found: string | null | undefined,
): Difference[] {
  if (expected === found) return [];
  return [{ point, expected: expected ?? NONE, found: found ?? NONE }];
}

function differentCommands(
  agreed: SystemConsent['commands'],
  stated: readonly OwnCommand[],
): Difference[] {
  const shown = (each: Pick<OwnCommand, 'command'>) => each.command.join(' ');
  const has = (all: readonly OwnCommand[], { of, use, command }: OwnCommand) =>
    all.some((one) => one.of === of && one.use === use && isSame(one.command, command));
  const gone = agreed.filter((each) => !has(stated, each));
  const added = stated.filter((each) => !has(agreed, each));
  const places = [...new Set([...gone, ...added].map(({ of, use }) => `${use} of ${of}`))];
  return places.map((point) => {
    const at = ({ of, use }: OwnCommand) => `${use} of ${of}` === point;
    const expected = gone.filter(at).map(shown).join('; ') || NONE;
    return { point, expected, found: added.filter(at).map(shown).join('; ') || NONE };
  });
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** The plan of a run that is made on the strength of this consent. */
export function withSystemConsent(plan: Plan, consent: SystemConsent | null): Plan {
  if (consent === null || !isOwnPlan(plan)) return plan;
  return { ...plan, attached: { ...plan.attached, consent } };
}

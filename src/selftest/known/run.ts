// A run whose truth is known: the real workload through the real load balancer against services
// that fail on a timetable, and the files that a run leaves. What a service did and when stands in
// the service, not in anything that drill measured.
//
//   const [run] = await runTruths([{ steps: [{ after_ms: 0, behave: HANG }] }]);
//   run.assess().recovery.rto_ms, run.east.switches, run.east.stored, run.times
//   run.remove();
import { gslbOf, answersKeptMs } from '../../drill/plan/gslb.ts';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Targets } from '../../drill/gate/targets.ts';
import type { Plan, PlannedWorkload } from '../../drill/plan/plan.ts';
import { MARKER_WRITER } from '../../evidence/ledger/operation.ts';
import { readEvidence, runFile } from '../../evidence/run-files.ts';
import { EnvironmentError } from '../../host/environment-error.ts';
import { temporaryDirectory } from '../../host/temporary.ts';
import { hostClock, hostNow, type Clock } from '../../host/clock.ts';
import { assess } from '../../verdict/assess.ts';
import type { Result } from '../../verdict/result.ts';
import { openWorkload } from '../../workload/open-workload.ts';
import type { MarkerReply } from '../../workload/protocol.ts';
import type { Workload } from '../../workload/workload.ts';
import {
  startKnownService,
  type Behaviour,
  type Lie,
  type KnownRow,
  type KnownService,
} from './service.ts';
import { startKnownBalancer, type KnownBalancer } from './balancer.ts';
import { eventsOfRun, type TruthTimes } from './events.ts';
import { backEventsOf, goBack, type BackTimes } from './failback.ts';
import { writeFiles } from './files.ts';
import { knownPlan } from './plan.ts';

export const SERVE: Behaviour = { kind: 'serve' };

export interface TruthStep {
  /** Since the start of the fault. */
  readonly after_ms: number;
  readonly behave: Behaviour;
}

export interface TruthScenario {
  /** What region east does; the first step is the fault and begins at 0. */
  readonly steps: readonly TruthStep[];
  readonly workload?: Partial<PlannedWorkload>;
  readonly targets?: Partial<Targets>;
  readonly sustain?: Partial<Plan['sustain']>;
  readonly deadline_ms?: number;
  /** What every n-th order suffers, in both regions. */
  readonly lie?: Lie;
  /** How east behaves in the steady phase. */
  readonly steady?: Behaviour;
  /** A second region, to which the load balancer sends clients so long after the fault. */
  readonly redirect_ms?: number;
  /** How long before and after the switch the injecting call takes. */
  readonly injection_ms?: readonly [number, number];
  /** After the count the same clients go on, and wait so long for a planned move of service. */
  readonly failback?: { readonly pause_ms: number };
  /** The wall clock is set by so much when the disaster begins. */
  readonly wallJump_ms?: number;
  /** When the load balancer falls silent for good. */
  readonly silence?: 'from the start' | 'from the fault';
}

export interface TruthRun {
  readonly directory: string;
  readonly plan: Plan;
  readonly east: KnownService;
  readonly west: KnownService | null;
  readonly scheduled_from_ms: number;
  readonly times: TruthTimes;
  readonly back: BackTimes | null;
  /** Judges the files as they are now. */
  assess(): Result;
  remove(): void;
}

const RUN_ID = 'truth-1';
const WARM_UP_MS = 300;
const STEADY_MS = 1_000;
const CALM_MS = 217;
const SPARE_MS = 250;
const READY_AT_MOST_MS = 5_000;
const MARKERS_MAX = 3;

/**
 * Takes `sustain.for` and about two seconds more than the last step of the scenario, and writes
 * the files of the run.
 */
export async function runTruth(scenario: TruthScenario, signal?: AbortSignal): Promise<TruthRun> {
  const directory = mkdtempSync(join(temporaryDirectory(), 'drill-truth-'));
  const origin_ms = hostNow();
  const { clock, setWall } = settableClock(origin_ms, signal);
  const setClock = () => setWall(scenario.wallJump_ms ?? 0);
  const plan = planOf(scenario);
  const lie = { run: RUN_ID, ...(scenario.lie === undefined ? {} : { lie: scenario.lie }) };
  const east = await startKnownService({ clock, ...lie });
  const west =
    scenario.redirect_ms === undefined
      ? null
      : await startKnownService({ clock, node: 'west/app-1', timeline: 2, ...lie });
  const services = west === null ? [east] : [east, west];
  const gslb = await startKnownBalancer(services, clock, {
    ttl_s: gslbOf(plan).ttl_s,
    serving: ['east'],
  });
  const workload = await openClients({ plan, origin_ms, directory, gslb });
  try {
    await untilReady(gslb, clock);
    const { scheduled_from_ms } = workload.run();
    const times = await drive({ scenario, plan, clock, workload, gslb, east, setClock });
    const in_flight = (await workload.drain()).in_flight;
    const drained_ms = clock.now();
    const stored = () => services.flatMap((service) => service.stored);
    const marker = await writeMarker(workload, stored);
    const counted = stored();
    const facts = { clock, times, drained_ms, in_flight, marker, rows: counted.length };
    const events = eventsOfRun(RUN_ID, plan, facts);
    const { failback = null } = scenario;
    const back = failback && (await goBack({ plan, clock, workload, east, ...failback }));
    workload.close();
    const last = back === null ? null : stored();
    writeFiles(directory, plan, { serving: counted, last }, [
      ...events,
      ...(back === null ? [] : backEventsOf(back, last!.length)),
    ]);
    return {
      directory,
      plan,
      east,
      west,
      scheduled_from_ms,
      times,
      back,
      assess: () => assess(readEvidence(directory)),
      remove: () => rmSync(directory, { recursive: true, force: true }),
    };
  } catch (error) {
    rmSync(directory, { recursive: true, force: true });
    throw error;
  } finally {
    workload.close();
    gslb.close();
    await Promise.all(services.map((service) => service.close()));
  }
}

interface Clients extends Pick<Scene, 'plan' | 'gslb'> {
  readonly origin_ms: number;
  readonly directory: string;
}

/** The workload of a drill, in this process. */
async function openClients({ plan, origin_ms, directory, gslb }: Clients): Promise<Workload> {
  return await openWorkload(
    {
      origin_ms,
      run: RUN_ID,
      mark: RUN_ID,
      store: 'orders',
      seed: plan.seed,
      workload: plan.workload,
      gslb: gslb.address,
      ledger: runFile(directory, 'ledger'),
      nodes: ['east/app-1', 'west/app-1'],
      database: null,
      sample_every_ms: 500,
      pace: 'rate',
    },
    () => {},
  );
}

/** The host's, whose waits end with the signal, and whose wall clock can be set by so much. */
function settableClock(origin_ms: number, signal: AbortSignal | undefined) {
  const host = hostClock(origin_ms);
  let set_ms = 0;
  const clock: Clock = {
    now: () => host.now(),
    wall: () => host.wall() + set_ms,
    sleep: (ms, own = signal) => host.sleep(ms, own),
  };
  return { clock, setWall: (ms: number) => (set_ms = ms) };
}

function planOf(scenario: TruthScenario): Plan {
  const { workload, targets, sustain, deadline_ms = 20_000, failback } = scenario;
  const plan = knownPlan();
  return {
    ...plan,
    failback: failback !== undefined,
    targets: { ...plan.targets, ...targets },
    workload: { ...plan.workload, ...workload },
    recover: { ...plan.recover, deadline_ms },
    sustain: { ...plan.sustain, ...sustain },
  };
}

async function untilReady(gslb: KnownBalancer, clock: Clock): Promise<void> {
  const limit_ms = clock.now() + READY_AT_MOST_MS;
  while (gslb.balancer.state().answered.length === 0) {
    if (clock.now() > limit_ms) throw notReady();
    await clock.sleep(5);
  }
}

function notReady(): EnvironmentError {
  return new EnvironmentError({
    what: 'a service on 127.0.0.1',
    expected: `that it answers within ${READY_AT_MOST_MS / 1_000} s`,
    found: 'nothing: the load balancer never found it ready',
    hint: 'drill doctor, which looks whether the loopback is up',
  });
}

interface Scene {
  readonly scenario: TruthScenario;
  readonly plan: Plan;
  readonly clock: Clock;
  readonly workload: Workload;
  readonly gslb: KnownBalancer;
  readonly east: KnownService;
  readonly setClock: () => void;
}

/** From the warm-up to the cut. */
async function drive(scene: Scene): Promise<TruthTimes> {
  const { scenario, plan, clock, workload, gslb, east, setClock } = scene;
  const { steps, steady, injection_ms = [0, 0], redirect_ms, silence } = scenario;
  if (silence === 'from the start') gslb.close = silenced(gslb);
  await clock.sleep(WARM_UP_MS);
  if (steady !== undefined) await east.behave(steady);
  const steadyFrom = clock.now();
  await clock.sleep(STEADY_MS);
  const steadyTo = clock.now();
  if (steady !== undefined) await east.behave(SERVE);
  await clock.sleep(CALM_MS);
  const [first, ...others] = steps;
  const started = clock.now();
  setClock();
  if (silence === 'from the fault') gslb.close = silenced(gslb);
  if (injection_ms[0] > 0) await clock.sleep(injection_ms[0]);
  await east.behave(first!.behave);
  if (injection_ms[1] > 0) await clock.sleep(injection_ms[1]);
  const injected = clock.now();
  let redirected: number | null = null;
  const redirect = async () => {
    if (redirect_ms === undefined) return;
    await clock.sleep(started + redirect_ms - clock.now());
    await gslb.balancer.serve(['west']);
    redirected = clock.now();
  };
  const goOn = async () => {
    for (const { after_ms, behave } of others) {
      await clock.sleep(started + after_ms - clock.now());
      await east.behave(behave);
    }
  };
  await Promise.all([goOn(), redirect()]);
  // Clients follow a redirect when their cached answers expire, at the latest after one TTL.
  const following_ms = redirect_ms === undefined ? 0 : answersKeptMs(plan);
  await clock.sleep(following_ms + plan.sustain.for_ms + SPARE_MS);
  workload.stop();
  return { steadyFrom, steadyTo, started, injected, redirected, cut: clock.now() };
}

/** Closes the load balancer now; closing it again at the end does nothing. */
function silenced(gslb: KnownBalancer): () => void {
  gslb.close();
  return () => {};
}

/** A lying service may swallow or refuse a marker; the journal names the first that it kept. */
async function writeMarker(
  workload: Workload,
  stored: () => readonly KnownRow[],
): Promise<MarkerReply> {
  let marker = await workload.marker();
  const isKept = ({ ok, sequence }: MarkerReply) =>
    ok && stored().some((row) => row.writer === MARKER_WRITER && row.sequence === sequence);
  for (let tries = 1; tries < MARKERS_MAX && !isKept(marker); tries++) {
    marker = await workload.marker();
  }
  return marker;
}

// The GSLB of the compose runtime: a program in a container, reached by the operator's way.
import type { GslbSettings } from '../../gslb/protocol.ts';
import { connectProgram } from '../../host/program/program-client.ts';
import {
  gslbOver,
  gslbSettings,
  RegionWatch,
  tellUnheard,
  untilServing,
  type RunningGslb,
} from '../assembled/gslb.ts';
import type { Container } from './engine/container.ts';
import type { Surroundings } from './driver.ts';
import type { Ends } from './system.ts';
import { assertSharedClock } from './published.ts';
import { gslbPlaces, GSLB_DNS } from './published.ts';

/** Tells the program its endpoints; resolves once it answers with a healthy region. */
export async function startGslb(
  { context, project }: Pick<Surroundings, 'context' | 'project'>,
  container: Container,
  endpoints: GslbSettings['endpoints'],
  ends: Ends,
): Promise<RunningGslb> {
  const { clock, emit, signal } = context;
  const { address, control } = gslbPlaces(container);
  const { control: token } = project.secrets;
  const program = connectProgram({ title: 'gslb', ...control, token });
  ends.push(() => program.close());
  await assertSharedClock(program);
  const watch = new RegionWatch(emit);
  await program.follow((name, body) => watch.take(name, body), tellUnheard(emit));
  const settings: GslbSettings = {
    ...gslbSettings(context),
    endpoints,
    listen: { host: '0.0.0.0', port: GSLB_DNS },
  };
  await program.request('start', settings);
  const gslb = gslbOver(program, address, watch, clock);
  await untilServing(gslb, settings.serving, clock, signal);
  return gslb;
}

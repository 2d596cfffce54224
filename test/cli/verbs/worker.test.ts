// What `drill worker` and `drill run --queue` say before anything is begun.
import { expect } from 'chai';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { workerVerb } from '../../../src/cli/verbs/worker.ts';
import { runVerb } from '../../../src/cli/verbs/run.ts';
import { EnvironmentError } from '../../../src/host/environment-error.ts';
import { markedEnvironment, processEnvironment } from '../../../src/host/process/environment.ts';
import { readDrill } from '../../../src/session/read.ts';
import { listSeries } from '../../../src/session/series-files.ts';
import { beginSeries } from '../../../src/session/series.ts';
import { ONCE_AS_STATED } from '../../../src/session/trials.ts';
import { UserError } from '../../../src/screen/user-error.ts';
import type { Verb, VerbArguments } from '../../../src/cli/verb.ts';
import { call, GOOD, makeFolder, removeFolder } from '../../support/cli/drill-verbs.ts';

/** Nobody listens there. */
const NOWHERE = 'postgres://drill:geheim@127.0.0.1:1/drill';

describe('work that is shared', () => {
  let folder: string;
  beforeEach(() => {
    folder = makeFolder();
    writeFileSync(join(folder, 'good.yaml'), GOOD);
  });
  afterEach(() => removeFolder(folder));

  async function refusal(verb: Verb, args: VerbArguments, environment = {}): Promise<Error> {
    const error = await call(verb, args, folder, environment).then(
      () => null,
      (reason: Error) => reason,
    );
    expect(error!.message).not.to.include('geheim');
    return error!;
  }
  const run = (args: VerbArguments) =>
    refusal(runVerb, { files: ['good.yaml'], queue: NOWHERE, ...args });

  it('needs a database, by flag or by variable', async () => {
    const none = await refusal(workerVerb, {});
    expect(none).to.be.instanceOf(UserError);
    expect(none.message).to.include('DRILL_QUEUE is not set');
    for (const [queue, from] of [
      ['mysql://drill:geheim@db/drill', '--queue'],
      ['geheim', '--queue'],
    ] as const) {
      const { message } = await refusal(workerVerb, { queue });
      expect(message).to.include(`${from}: expected postgres://`);
    }
    const other = await refusal(workerVerb, {}, { DRILL_QUEUE: 'mysql://geheim@db/drill' });
    expect(other.message).to.include('DRILL_QUEUE: expected postgres://');
  });

  it('says what cannot be reached, without the password', async () => {
    const asked = await run({ repeat: '3' });
    expect(asked).to.be.instanceOf(EnvironmentError);
    expect(asked.message).to.match(/postgres:\/\/(\w+@)?127\.0\.0\.1:1\/drill/);
    expect(listSeries(join(folder, '.drill', 'runs')), 'nothing was begun').to.deep.equal([]);
    const worker = await refusal(workerVerb, { runtime: 'embedded' }, { DRILL_QUEUE: NOWHERE });
    expect(worker).to.be.instanceOf(EnvironmentError);
  });

  it('keeps the address from drills and from the processes of their runs', async () => {
    const environment = { DRILL_QUEUE: NOWHERE, DRILL_SEED: '7' };
    const { diagnostics } = await readDrill('good.yaml', {}, { directory: folder, environment });
    expect(diagnostics).to.deep.equal([]);
    for (const made of [markedEnvironment, processEnvironment]) {
      expect(Object.keys(made(environment, 'run'))).to.have.members(['DRILL_SEED', 'DRILL_RUN']);
    }
  });

  it('is refused for a system that is to stay up', async () => {
    expect((await run({ keep: 'always' })).message).to.include('good is to stay up, on a machine');
  });

  it('is gone on with as it was begun', async () => {
    const place = { directory: folder, environment: {} };
    const { drill } = await readDrill('good.yaml', {}, place);
    const how = { ...ONCE_AS_STATED, repeat: 3, flags: {} };
    const here = beginSeries([drill!], how, place);
    here.close();
    const spread = beginSeries([drill!], { ...how, queue: 'postgres://db/drill' }, place);
    spread.close();
    const other = await run({ files: [], resume: here.file.id });
    expect(other.message).to.include(`the series ${here.file.id} is made here`);
    const local = await refusal(runVerb, { files: [], resume: spread.file.id });
    expect(local.message).to.include(`are made by workers of postgres://db/drill`);
  });
});

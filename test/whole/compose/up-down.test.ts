// `drill up`, `drill run --against` and `drill down` on containers, as a user types them.
import { expect } from 'chai';
import { basename } from 'node:path';
import { Workplace, type Ended } from '../../support/whole/drill-cli.ts';
import { TOO_BUSY } from '../../support/whole/run-measured.ts';
import { atEngine, composeEnvironment, requireDocker } from '../../support/servers/docker.ts';
import { it } from '../../support/commands.ts';

const RUN = ['run', 'drill.yaml', '--against', 'latest', '--reporter', 'plain'];

describe('containers that drill up leaves running', function () {
  this.timeout(240_000);
  let place: Workplace;
  let env: Record<string, string>;

  before(function () {
    requireDocker(this);
    env = composeEnvironment();
  });
  beforeEach(() => (place = new Workplace()));
  afterEach(async () => {
    await place.run(['down', '--all'], env);
    const left = place.runs().flatMap((run) => atEngine(basename(run)));
    place.remove();
    expect(left).to.deep.equal([]);
  });

  const text = ({ stdout, stderr }: Ended) => stdout + stderr;

  /** Not once more: what was drilled is no whole system any longer. A busy machine is no failure. */
  function expectDrilled(ended: Ended): void {
    const { verdict, reasons } = place.result();
    const isBusy = verdict === 'inconclusive' && reasons.every((reason) => TOO_BUSY.test(reason));
    if (!isBusy) expect(ended.code, text(ended)).to.equal(0);
  }

  it('are reached, drilled, left as the drill left them, and brought down', async () => {
    const up = await place.run(['up', 'drill.yaml', '--runtime', 'compose'], env);
    expect(up.code, text(up)).to.equal(0);
    const id = basename(place.runs().at(-1)!);
    expect(up.stdout).to.contain('compose · PostgreSQL').and.to.contain(`--against ${id}`);
    const reached = /curl (http:\S+\/readyz)/.exec(up.stdout)![1]!;
    expect((await fetch(reached)).status).to.equal(200);
    expect(atEngine(id)).not.to.deep.equal([]);

    const embedded = await place.run([...RUN, '--runtime', 'embedded'], env);
    expect(embedded.code, text(embedded)).to.equal(2);
    expect(embedded.stderr).to.contain('runtime: the drill asks for embedded, it is compose');

    expectDrilled(await place.run(RUN, env));
    const result = place.result();
    expect(result.against).to.equal(id);
    expect(result.runtime?.kind).to.equal('compose');
    expect(result.loss).to.include({ unexpected: 0, duplicated: 0, corrupt: 0 });
    expect(result.loss!.second).to.include({ agrees: true });
    expect(atEngine(id), 'the system stays up').not.to.deep.equal([]);

    const again = await place.run(RUN, env);
    expect(again.code, text(again)).to.equal(4);
    expect(place.result().reasons.join()).to.contain('region east is gone (last drilled by run');
    const down = await place.run(['down', id], env);
    expect(down.code, text(down)).to.equal(0);
    expect(atEngine(id)).to.deep.equal([]);
  });

  it.full('do not stay when Ctrl-C comes half-way', async () => {
    const started = place.start(['up', 'drill.yaml', '--runtime', 'compose'], env);
    await started.event(
      'the bring-up',
      (event) => event.event === 'phase.started' && event.phase === 'up',
    );
    await new Promise((resolve) => setTimeout(resolve, 700));
    started.child.kill('SIGINT');
    const ended = await started.ended;
    expect(ended.code, text(ended)).to.equal(130);
  });
});

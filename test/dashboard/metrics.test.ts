// `/metrics`: what it says of runs whose evidence is there, and what it does not say of others; and
// whether the dashboard for Grafana asks for nothing else.
import { expect } from 'chai';
import { appendFileSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { RunsInTest, TOKEN } from '../support/dashboard.ts';

const ID = '20261122T200000Z-region-outage-00aa';

describe('/metrics', () => {
  let place: RunsInTest;
  beforeEach(() => (place = new RunsInTest()));
  afterEach(() => place.remove());
  /** The samples of a family, by their labels. */
  const read = async () => {
    const { status, text, headers } = await place.app().ask('/metrics');
    expect(status).to.equal(200);
    expect(headers.get('content-type')).to.match(/^text\/plain; version=0\.0\.4/);
    return (name: string) => {
      const lines = text.split('\n').filter((line) => new RegExp(`^${name}(\\{| )`).test(line));
      return lines.map((line) => {
        const [, labels = '', value] = /^\w+(?:\{(.*)\})? (\S+)$/.exec(line)!;
        return { labels, value: Number(value) };
      });
    };
  };

  it('has the numbers of the newest run of each drill, and its promise', async () => {
    const { drill, recovery, loss, gates } = place.seal(ID, 3);
    const of = await read();
    const labels = `drill="${drill.name}",strategy="warm-standby",runtime="embedded",data=""`;
    const one = (name: string) => {
      const [sample, ...others] = of(name);
      expect(others, name).to.deep.equal([]);
      expect(sample?.labels.replace(/runtime="[^"]*"/, 'runtime="embedded"'), name).to.equal(
        labels,
      );
      return sample!.value;
    };
    expect(one('drill_last_rto_seconds')).to.equal(recovery!.rto_ms! / 1_000);
    expect(one('drill_last_rpo_seconds')).to.equal(loss!.rpo_ms! / 1_000);
    expect(one('drill_lost_writes')).to.equal(3);
    const target = gates.find(({ name }) => name === 'rto')!.target;
    expect(one('drill_rto_target_seconds')).to.equal(target / 1_000);
    expect(of('drill_running')).to.deep.equal([{ labels: '', value: 0 }]);
  });

  it('says one verdict, and when a pass was proved', async () => {
    const { verdict, started_at } = place.seal(ID);
    expect(verdict).to.equal('pass');
    const of = await read();
    const said = of('drill_verdict').filter(({ value }) => value === 1);
    expect(said).to.have.length(1);
    expect(said[0]!.labels).to.include('verdict="pass"');
    expect(of('drill_verdict')).to.have.length(7);
    const [passed] = of('drill_last_pass_timestamp_seconds');
    expect(passed?.value).to.equal(Date.parse(started_at) / 1_000);
  });

  it('has no number of a run that was changed, and no pass of one that is gone', async () => {
    place.seal(ID);
    await read();
    appendFileSync(join(place.runs, ID, 'result.json'), ' ');
    let of = await read();
    const numbers = ['drill_last_rto_seconds', 'drill_lost_writes', 'drill_rto_target_seconds'];
    for (const name of numbers) {
      expect(of(name), name).to.deep.equal([]);
    }
    expect(of('drill_last_pass_timestamp_seconds')).to.deep.equal([]);
    const passes = of('drill_verdict').filter(({ labels }) => labels.includes('"pass"'));
    expect(passes.map(({ value }) => value)).to.deep.equal([0]);
    rmSync(join(place.runs, ID), { recursive: true });
    of = await read();
    expect(of('drill_last_pass_timestamp_seconds')).to.deep.equal([]);
  });

  it('counts each phase of each run once, however often it is asked', async () => {
    const { recovery } = place.seal(ID);
    const { ask } = place.app();
    await ask('/metrics');
    const { text } = await ask('/metrics');
    const known = recovery!.phases.filter(({ ms }) => ms !== null);
    const counts = [...text.matchAll(/^drill_recovery_phase_seconds_count\{.*\} (\d+)$/gm)];
    expect(counts.map(([, count]) => count)).to.deep.equal(known.map(() => '1'));
    const [, sum] = /_seconds_sum\{[^}]*phase="promote"\} (\S+)/.exec(text)!;
    const promote = known.find(({ name }) => name === 'promote')!;
    expect(Number(sum)).to.be.closeTo(promote.ms! / 1_000, 1e-9);
  });

  it('counts runs that go on, and takes the token where all does', async () => {
    place.begin('warm-standby', '20261128T120000Z-region-outage-00aa');
    const of = await read();
    expect(of('drill_running')[0]?.value).to.equal(1);
    const { ask } = place.app({ isPrivate: true });
    expect((await ask('/metrics')).status).to.equal(401);
    const headers = { authorization: `Bearer ${TOKEN}` };
    expect((await ask('/metrics', { headers })).status).to.equal(200);
  });

  it('has all that the dashboard for Grafana asks for', async () => {
    place.seal(ID, 1);
    const { text } = await place.app().ask('/metrics');
    const names = new Set([...text.matchAll(/^(drill_\w+)[{ ]/gm)].map(([, name]) => name!));
    const labels = new Set([...text.matchAll(/[{,](\w+)="/g)].map(([, label]) => label!));
    const file = new URL('../../docs/grafana/drill.json', import.meta.url);
    const board = JSON.parse(readFileSync(file, 'utf8')) as Board;
    const queries = [
      ...board.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)),
      ...board.templating.list.flatMap(({ query }) =>
        typeof query === 'string' ? [] : query.query,
      ),
    ];
    expect(queries).to.have.length.above(8);
    for (const query of queries) {
      const asked = query.match(/\bdrill_\w+/g) ?? [];
      expect(asked, query).to.have.length.above(0);
      // When it never passed nothing says when.
      for (const name of asked.filter((each) => each !== 'drill_last_pass_timestamp_seconds')) {
        expect(names.has(name), `${name} in ${query}`).to.equal(true);
      }
      const used = [...query.matchAll(/[{,] *(\w+) *(?:=~|!=|=)"/g)].map(([, label]) => label!);
      for (const label of used) expect(labels.has(label), `${label} in ${query}`).to.equal(true);
    }
    const ids = board.panels.map(({ id }) => id);
    expect(new Set(ids).size).to.equal(ids.length);
  });
});

interface Board {
  readonly panels: readonly {
    readonly id: number;
    readonly targets: readonly { readonly expr: string }[];
  }[];
  readonly templating: {
    readonly list: readonly { readonly query: string | { readonly query: string } }[];
  };
}

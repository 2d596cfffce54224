// Faults on one link: which of them can be there together, and which way one can name.
import { expect } from 'chai';
import { GOOD, parse } from '../../../support/plan/drill-file.ts';

function problemsOf(...faults: string[]): string[] {
  const lines = faults.map((fault) => `  - { ${fault} }`).join('\n');
  const text = GOOD.replace(/^targets:.*$/m, 'targets: { availability: 1% }').replace(
    /^ {2}- .*$/m,
    lines,
  );
  const { diagnostics } = parse(`${text}disaster: none\n`);
  return diagnostics
    .filter(({ severity }) => severity === 'error')
    .map(({ path, message }) => `${path}: ${message}`);
}

const at = (time: string, kind: string, more = 'link: clients-east, for: 2s') =>
  `at: ${time}, kind: ${kind}, ${more}`;

describe('faults on one link', () => {
  for (const [first, second] of [
    ['latency', 'latency'],
    ['latency', 'bandwidth'],
    ['bandwidth', 'latency'],
    ['slow-close', 'bandwidth'],
    ['latency', 'partition'],
    ['latency', 'blackhole'],
  ] as const) {
    it(`stack: ${second} on ${first}`, () => {
      expect(problemsOf(at('1s', first), at('2s', second))).to.deep.equal([]);
    });
  }

  for (const [first, second] of [
    ['partition', 'partition'],
    ['partition', 'latency'],
    ['refuse', 'blackhole'],
    ['blackhole', 'refuse'],
    ['latency', 'refuse'],
    ['bandwidth', 'bandwidth'],
    ['limit-data', 'bandwidth'],
    ['flaky', 'reset-connections'],
  ] as const) {
    it(`do not go together: ${second} on ${first}, in whatever order they are written`, () => {
      const why =
        `(${first}) can have clients-east at the same time, and one would hide the other; ` +
        'let one be over before the other begins';
      const found = problemsOf(at('1s', first), at('2s', second));
      expect(found).to.deep.equal([`faults.1.kind: faults.0 ${why}`]);
      const turned = problemsOf(at('2s', second), at('1s', first));
      expect(turned).to.deep.equal([`faults.0.kind: faults.1 ${why}`]);
      // One after the other, or on two links, they do.
      expect(problemsOf(at('1s', first), at('4s', second))).to.deep.equal([]);
      const elsewhere = at('2s', second, 'link: east-west, for: 2s');
      expect(problemsOf(at('1s', first), elsewhere)).to.deep.equal([]);
    });
  }

  it('meet the network of a region that is lost', () => {
    const lost = (of: string) => `at: 2s, kind: lose-network, region: east, of: ${of}, for: 2s`;
    const found = (kind: string, of: string) =>
      problemsOf(at('1s', kind), lost(of)).map((each) => /can have (\S+) at/.exec(each)?.[1]);
    for (const of of ['clients', 'both']) {
      expect(found('refuse', of), of).to.deep.equal(['clients-east']);
      expect(found('latency', of), of).to.deep.equal([]);
    }
    expect(found('refuse', 'replication')).to.deep.equal([]);
  });

  it('come from one of its ends', () => {
    const of = (link: string, from: string) =>
      problemsOf(`at: 1s, kind: partition, link: ${link}, from: ${from}, for: 2s`);
    for (const from of ['clients', 'east']) expect(of('clients-east', from)).to.deep.equal([]);
    for (const from of ['east', 'west']) expect(of('east-west', from)).to.deep.equal([]);
    expect(of('clients-east', 'west')[0]).to.match(
      /^faults\.0\.from: nothing comes from there on clients-east.* It joins clients and east$/,
    );
    expect(of('east-west', 'clients')[0]).to.match(/ It joins east and west$/);
    expect(of('east-west', 'wst')[0]).to.match(/; did you mean west\? It joins/);
  });

  it('have no jitter beyond their delay', () => {
    expect(problemsOf('at: 1s, kind: latency, latency: 1s, jitter: 2s, for: 2s')).to.deep.equal([
      'faults.0.jitter: the jitter is larger than the latency (1 s); no delay is below zero',
    ]);
  });
});

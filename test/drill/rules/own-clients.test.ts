// What `drill check` says of clients that go a way of a team's own, and of how what they wrote is
// counted.
import { expect } from 'chai';
import { planDrill } from '../../../src/drill/plan/make-plan.ts';
import { heads, parse } from '../../support/plan/drill-file.ts';
import { ownDrill } from '../../support/plan/own-drill.ts';

const URL = 'https://shop.staging.test/orders';
const COUNT =
  'count: { sql: "select writer, sequence, payload from theirs where run = \'{run}\'" }';

const planOf = (system: string) => {
  expect(heads(ownDrill({ system }))).to.deep.equal([]);
  return planDrill(parse(ownDrill({ system })).drill!, 1, '').attached!;
};

describe('clients of a team’s own in a drill file', () => {
  it('are planned with what is sent, and what of the answers is believed', () => {
    const { clients, count } = planOf(`clients: { http: { url: '${URL}' } }, ${COUNT}`);
    expect(clients).to.deep.equal({
      by: 'http',
      url: URL,
      method: 'POST',
      body: '{"run":"{run}","writer":{writer},"sequence":{sequence},"payload":"{payload}"}',
      headers: {},
      ca: null,
      acknowledged: ['2xx'],
      refused: [],
    });
    expect(count).to.include({ by: 'sql' });
    const more = `clients: { http: { url: '${URL}/{run}/{writer}-{sequence}', method: PUT, body: '{payload}',
      headers: { x-tenant: drills, authorization: { env: SHOP_TOKEN } }, acknowledged: [200, 201],
      refused: 409 } }, ${COUNT}`;
    expect(planOf(more).clients).to.deep.include({
      headers: { 'x-tenant': 'drills', authorization: { env: 'SHOP_TOKEN' } },
      acknowledged: ['200', '201'],
      refused: ['409'],
    });
  });

  it('are planned with their program, and how many of it there are', () => {
    const system = "clients: { command: [./write.sh] }, count: { command: [./count.sh, '{run}'] }";
    const { clients, count } = planDrill(parse(ownDrill({ system })).drill!, 1, '').attached!;
    expect(clients).to.deep.equal({ by: 'command', command: ['./write.sh'], workers: 8 });
    expect(count).to.deep.equal({ by: 'command', command: ['./count.sh', '{run}'] });
  });

  const told: Readonly<Record<string, readonly [system: string, message: RegExp]>> = {
    'no way at all': ['clients: {}', /clients.sql: this key is required/],
    'two ways': [`clients: { sql: 'ha:5000', http: { url: '${URL}' } }`, /http|expected/],
    'a URL that is none': ["clients: { http: { url: 'shop' } }", /expected a URL such as/],
    'a URL of another protocol': ["clients: { http: { url: 'ftp://a/b' } }", /expected a URL/],
    'a password in a URL': ["clients: { http: { url: 'https://a:b@c/d' } }", /without a password/],
    'no URL': ['clients: { http: { method: PUT } }', /url/],
    'a body that tells no write from another': [
      `clients: { http: { url: '${URL}', body: '{payload}' } }`,
      /expected \{writer\} and \{sequence\} in url or body/,
    ],
    'a secret that stands there': [
      `clients: { http: { url: '${URL}', headers: { Authorization: Bearer abc } } }`,
      /it looks like a secret, which comes from \{ env: NAME \}/,
    ],
    'a header that is no text': [
      `clients: { http: { url: '${URL}', headers: { a: [b] } } }`,
      /expected a text of one line, or where a secret comes from/,
    ],
    'neither way': ['clients: 7', /expected one way: \{ sql: host:port \} .*; got the number 7/],
    'a status that is none': [
      `clients: { http: { url: '${URL}', refused: [1000] } }`,
      /expected at most 599/,
    ],
    'an answer that says both': [
      `clients: { http: { url: '${URL}', refused: [201] } }`,
      /2xx cannot be acknowledged and refused/,
    ],
    'no program': ['clients: { command: [] }', /at least 1 item/],
    'too many programs': ['clients: { command: [a], workers: 1000 }', /at most 256/],
    'a count of what drill counts itself': [COUNT, /drill counts what its own statements write/],
    'a count that says nothing': [
      'clients: { command: [a] }, count: {}',
      /count.sql: this key is required/,
    ],
  };
  for (const [what, [system, message]] of Object.entries(told)) {
    it(`are refused with ${what}`, () => {
      expect(heads(ownDrill({ system })).join('\n')).to.match(message);
    });
  }

  it('show no secret in any message', () => {
    const headers = '{ Authorization: Bearer abc-4711, cookie: [abc-4711] }';
    const found = heads(
      ownDrill({ system: `clients: { http: { url: '${URL}', headers: ${headers} } }` }),
    );
    expect(found).not.to.deep.equal([]);
    expect(found.join('\n')).not.to.contain('4711');
    const url = heads(ownDrill({ system: "clients: { http: { url: 'https://a:abc-4711@c/d' } }" }));
    expect(url.join('\n')).not.to.contain('4711');
  });

  it('read nothing back', () => {
    const text = ownDrill({ system: `clients: { http: { url: '${URL}' } }, ${COUNT}` });
    const found = heads(text.replace('rate: 50/s', 'rate: 50/s, reads: 10%'));
    expect(found.join('\n')).to.contain('clients over http only write');
  });

  it('are led to nobody knows where', () => {
    const system = `clients: { http: { url: '${URL}' } }, ${COUNT}, recovers: with-commands`;
    const steps = '{ title: promote, command: [a], mark: redirected }';
    const text = ownDrill({ system }).replace('recover: {', `recover: { steps: [${steps}],`);
    expect(heads(text).join('\n')).to.contain(
      'drill cannot see where a program of your own is led',
    );
  });

  it('are warned of where nobody counts, or so that no run can pass', () => {
    const warned = (system: string) => {
      const found = heads(ownDrill({ system }));
      expect(found).to.have.length(1);
      expect(parse(ownDrill({ system })).drill).not.to.equal(null);
      return found[0];
    };
    expect(warned('clients: { command: [a] }')).to.match(/warning: .*no loss can be proved/);
    const all = 'clients: { command: [a] }, count: { sql: select }';
    expect(warned(all)).to.match(/warning: .*without \{run\} it counts the rows of earlier runs/);
    const none = "count: { command: [a, '{run}'] }";
    expect(warned(`clients: { http: { url: '${URL}' } }, ${none}`)).to.match(
      /warning: .*no run passes, as no answer names its server/,
    );
    expect(warned(`clients: { command: [a] }, ${none}`)).to.match(
      /warning: .*no run passes, unless each answer names its `node`/,
    );
  });
});

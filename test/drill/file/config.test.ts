import { expect } from 'chai';
import { parseDrill } from '../../../src/drill/parse-drill.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const DRILL = `drill: 1
name: on-containers
runtime: compose
targets: { rto: 15s }
topology: { strategy: warm-standby }
faults: [{ at: 2s, kind: lose-region, region: east }]
`;
const file = (text = DRILL) => ({ file: 'drill.yaml', bytes: bytes(text) });
const config = (text: string) => ({ file: 'drill.config.yaml', bytes: bytes(text) });

describe('a drill on containers', () => {
  it('takes images and further compose files from the config', () => {
    const text = 'compose: { images: { postgres: mine:1 }, files: [more.yaml] }\n';
    const { settings, drill } = parseDrill(file(), { config: config(text) });
    expect(drill?.runtime).to.equal('compose');
    expect(settings.runtimes.compose).to.deep.equal({
      images: { postgres: 'mine:1' },
      files: ['more.yaml'],
    });
  });

  it('has none of them where nothing is stated', () => {
    expect(parseDrill(file()).settings.runtimes.compose).to.deep.equal({ images: {}, files: [] });
  });

  it('refuses an image of a part that there is not', () => {
    const text = 'compose: { images: { mysql: mine:1 } }\n';
    const { drill, diagnostics } = parseDrill(file(), { config: config(text) });
    expect(drill).to.equal(null);
    expect(diagnostics.map(({ source }) => source)).to.include('drill.config.yaml');
  });

  it('says which keys there are where a wrong one stands', () => {
    const text = 'compose: { zzzzzzzz: 1 }\n';
    const { diagnostics } = parseDrill(file(), { config: config(text) });
    expect(diagnostics[0]?.message).to.equal('unknown key; known here: images, files');
  });

  it('says where a key of drill files stands that is written at its top', () => {
    for (const [key, text] of [
      ['cost', 'cost: { currency: EUR }\n'],
      ['workload', 'workload: { rate: 5/s }\n'],
    ]) {
      const { diagnostics } = parseDrill(file(), { config: config(text!) });
      expect(diagnostics.map(({ message }) => message)).to.deep.equal([
        `this is a key of drill files; for all of them write defaults: { ${key}: … }`,
      ]);
    }
  });

  it('takes prices for all drill files from its defaults', () => {
    const text =
      'defaults:\n  cost: { currency: EUR, instance_hour: 0.1, gb_month: 1, gb_transferred: 2, ' +
      'backup_every: 24h }\n';
    const { drill, diagnostics } = parseDrill(file(), { config: config(text) });
    expect(diagnostics).to.deep.equal([]);
    expect(drill?.cost).to.deep.equal({
      ...{ currency: 'EUR', instance_hour: 0.1, gb_month: 1, gb_transferred: 2 },
      backup_every: 24 * 3_600_000,
    });
  });

  it('takes no variable that the compose file reads for a value of the drill file', () => {
    const images = { DRILL_IMAGE_POSTGRES: 'mine:1', DRILL_IMAGE_NODE: 'mine:2' };
    const environment = { ...images, DRILL_CPUS: '2', DRILL_PROGRAM_MEMORY: '512m' };
    expect(parseDrill(file(), { environment }).diagnostics).to.deep.equal([]);
    const other = parseDrill(file(), { environment: { DRILL_IMAGE_MYSQL: 'mine:1' } });
    expect(other.diagnostics.map(({ message }) => message).join()).to.contain('not a variable');
  });

  it('cannot have a runtime that there is not', () => {
    const { drill, diagnostics } = parseDrill(file(DRILL.replace('compose', 'elsewhere')));
    expect(drill).to.equal(null);
    expect(diagnostics[0]?.message).to.contain('elsewhere');
  });
});

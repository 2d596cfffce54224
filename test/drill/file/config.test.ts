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

  it('takes no variable that names an image for a value of the drill file', () => {
    const environment = { DRILL_IMAGE_POSTGRES: 'mine:1', DRILL_IMAGE_NODE: 'mine:2' };
    expect(parseDrill(file(), { environment }).diagnostics).to.deep.equal([]);
    const other = parseDrill(file(), { environment: { DRILL_IMAGE_MYSQL: 'mine:1' } });
    expect(other.diagnostics.map(({ message }) => message).join()).to.contain('not a variable');
  });

  it('cannot have a runtime that there is not', () => {
    const { drill, diagnostics } = parseDrill(file(DRILL.replace('compose', 'attached')));
    expect(drill).to.equal(null);
    expect(diagnostics[0]?.message).to.contain('attached');
  });
});

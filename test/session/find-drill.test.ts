import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { drillFiles, findDrill, SHIPPED_DRILLS } from '../../src/session/find-drill.ts';
import { filesOf } from '../../src/session/choose-drills.ts';
import { makeFolder, removeFolder } from '../support/cli/drill-verbs.ts';

const DRILL = fileURLToPath(new URL('../../bin/drill.js', import.meta.url));
const STOCK = readFileSync(join(SHIPPED_DRILLS, 'region-outage.yaml'));

describe('a drill by its name', () => {
  let folder: string;
  beforeEach(() => (folder = makeFolder()));
  afterEach(() => removeFolder(folder));

  const write = (...files: readonly string[]) => {
    mkdirSync(join(folder, 'drills'), { recursive: true });
    for (const file of files) writeFileSync(join(folder, file), STOCK);
  };

  it('is a file where there is one', () => {
    write('region-outage.yaml', 'drills/region-outage.yaml');
    expect(findDrill('region-outage.yaml', folder)).to.equal('region-outage.yaml');
  });

  it('is looked for in ./drills, with or without its ending', () => {
    write('drills/region-outage.yaml', 'drills/ours.yml');
    expect(findDrill('region-outage', folder)).to.equal('drills/region-outage.yaml');
    expect(findDrill('region-outage.yaml', folder)).to.equal('drills/region-outage.yaml');
    expect(findDrill('ours', folder)).to.equal('drills/ours.yml');
  });

  it('is none in a folder of game days', () => {
    write('drills/ours.yml');
    mkdirSync(join(folder, 'drills/gamedays'));
    write('drills/gamedays/weekly.yaml');
    expect(drillFiles(join(folder, 'drills'))).to.deep.equal([join(folder, 'drills/ours.yml')]);
  });

  it('is none where it is a consent, whatever its name', () => {
    write('drills/ours.yml');
    writeFileSync(
      join(folder, 'drills/b-consent.yaml'),
      '# by drill attach\nschema: drill.consent/1\n',
    );
    expect(drillFiles(join(folder, 'drills'))).to.deep.equal([join(folder, 'drills/ours.yml')]);
    expect(filesOf(['drills'], folder)).to.deep.equal(['drills/ours.yml']);
  });

  it('is looked for among those that come with drill', () => {
    const shipped = join(SHIPPED_DRILLS, 'region-outage.yaml');
    for (const word of ['region-outage', 'region-outage.yaml', 'drills/region-outage.yaml']) {
      expect(findDrill(word, folder), word).to.equal(shipped);
    }
    const strategy = join(SHIPPED_DRILLS, 'strategies/pilot-light.yaml');
    for (const word of ['pilot-light', 'strategies/pilot-light', 'drills/strategies/pilot-light']) {
      expect(findDrill(word, folder), word).to.equal(strategy);
    }
  });

  it('leaves the word as it is where there is none', () => {
    write('outside.yaml');
    mkdirSync(join(folder, 'drills/sub'), { recursive: true });
    for (const word of ['nothing', '', '-', '../outside', 'drills/../outside', 'sub', '.', '..']) {
      expect(findDrill(word, join(folder, 'drills')), word).to.equal(word);
    }
  });
});

describe('a drill from the standard input', () => {
  const check = (input: string | Buffer, ...words: readonly string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [DRILL, 'check', ...words], {
      input,
      encoding: 'utf8',
    });
    return { status, text: stdout + stderr };
  };

  it('is checked like a file', () => {
    expect(check(STOCK, '-')).to.deep.equal({ status: 0, text: '-: ok\n' });
    const wrong = check('drill: 2\n', '-');
    expect(wrong.status).to.equal(2);
    expect(wrong.text).to.match(/-:1:8: error: drill: /);
  });

  it('is an error where nothing comes, and with a good file beside it', () => {
    const none = check('', 'region-outage', '-');
    expect(none.status).to.equal(2);
    expect(none.text).to.contain('-: error: the file is empty');
  });

  it('is an error where too much comes', () => {
    const much = check(Buffer.alloc(3_000_000, '#'), '-');
    expect(much.status).to.equal(2);
    expect(much.text).to.contain('at most 1048576 (1 MiB) are read');
  });
});

// The receiver's example of docs/gamedays.md takes what drill signs, and nothing else.
import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { signature } from '../../src/gameday/notify/sign.ts';

type IsNew = (headers: object, body: string, secret: string, now_s?: number) => boolean;

describe('the check of a signature in the docs', () => {
  const SECRET = '0123456789abcdef';
  const NOW_S = 1_796_122_800;
  let isNew: IsNew;
  beforeEach(async () => {
    const text = readFileSync(new URL('../../docs/gamedays.md', import.meta.url), 'utf8');
    const [, code = ''] = /```js\n([^]*?)```/.exec(text) ?? [];
    // Each time another module: it remembers what it has seen.
    const url = `data:text/javascript,${encodeURIComponent(`${code}//${Math.random()}`)}`;
    isNew = ((await import(url)) as { isNew: IsNew }).isNew;
  });

  const body = '{"id":"20261201T090000Z-weekly-ended"}';
  const headers = (at_s = NOW_S, secret = SECRET) => ({
    'x-drill-signature': signature(body, secret, at_s * 1_000),
  });

  it('takes a message once', () => {
    expect(isNew(headers(), body, SECRET, NOW_S + 2)).to.equal(true);
    expect(isNew(headers(NOW_S + 60), body, SECRET, NOW_S + 62), 'a retry').to.equal(false);
  });

  it('takes none of another secret, of another body, or none at all', () => {
    expect(isNew(headers(NOW_S, 'fedcba9876543210'), body, SECRET, NOW_S)).to.equal(false);
    expect(isNew(headers(), body.replace('ended', 'x'), SECRET, NOW_S)).to.equal(false);
    expect(isNew({}, body, SECRET, NOW_S)).to.equal(false);
    const later = headers()['x-drill-signature'].replace(/t=\d+/, `t=${NOW_S + 900}`);
    expect(isNew({ 'x-drill-signature': later }, body, SECRET, NOW_S + 900)).to.equal(false);
  });

  it('takes none that is sent again later', () => {
    expect(isNew(headers(), body, SECRET, NOW_S + 301)).to.equal(false);
  });
});

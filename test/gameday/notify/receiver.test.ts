import { expect } from 'chai';
import { isWanted, receiversOf } from '../../../src/gameday/notify/receiver.ts';
import { readOf } from '../../support/gameday.ts';

describe('receivers of a game-day file', () => {
  const NOTIFY = `notify:
  - { webhook: 'https://me:pass-word@hooks.example.com/T0/secret-token?key=abcdef' }
  - { webhook: '\${env.HOOK}' }
  - { email: [a@example.com, b@example.com], smtp: 'smtp://mailer:p%40ssword@mx.example.com' }
  - { command: [./tell.sh, '\${env.TOKEN}'] }
`;
  const environment = { HOOK: 'https://hooks.example.com/other', TOKEN: 'token-of-the-command' };

  it('have labels that differ and show no secret', () => {
    expect(
      receiversOf(readOf(NOTIFY, environment).gameday).map(({ label }) => label),
    ).to.deep.equal([
      'webhook hooks.example.com',
      'webhook hooks.example.com (2)',
      'email a@example.com, b@example.com',
      'command ./tell.sh',
    ]);
  });

  it('know what no text may show', () => {
    const [first, second, mail, command] = receiversOf(readOf(NOTIFY, environment).gameday);
    expect(first!.secrets).to.include.members(['/T0/secret-token', '?key=abcdef', 'pass-word']);
    expect(second!.secrets).to.include.members([environment.HOOK, '/other']);
    expect(mail!.secrets).to.include.members(['p%40ssword', 'p@ssword', 'mailer']);
    expect(command!.secrets).to.include(environment.TOKEN);
  });

  it('hear what they asked for; an end without a pass is also a failure', () => {
    const failed = { on: ['failed'] } as const;
    const own = (on: readonly string[]) => ({ on: [...on] }) as Parameters<typeof isWanted>[0];
    expect(isWanted(own(failed.on), 'ended', 'fail')).to.equal(true);
    expect(isWanted(own(failed.on), 'ended', 'pass')).to.equal(false);
    expect(isWanted(own(failed.on), 'missed', 'inconclusive')).to.equal(false);
    expect(isWanted(own(['ended']), 'ended', 'pass')).to.equal(true);
    expect(isWanted(own(['ended']), 'test', null)).to.equal(true);
  });
});

// Drills of two servers whose clients come through PgBouncer, with no setting of it for drill: what
// drill says is held against what a second program reads in both servers.
import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  acknowledgedIn,
  consentTo,
  ownDrill,
  passwordOf,
  type OwnDrill,
} from '../../support/attached/own-drill.ts';
import { stackOfEach } from '../../support/attached/own-suite.ts';
import { requirePgbouncer } from '../../support/attached/programs.ts';
import { startPooledServers } from '../../support/attached/two-servers.ts';
import { it } from '../../support/commands.ts';
import { Workplace } from '../../support/whole/drill-cli.ts';

const [EAST, WEST] = ['east/db1', 'west/db2'] as const;

for (const pooling of ['transaction', 'session'] as const) {
  describe(`a drill through PgBouncer, in ${pooling} pooling`, function () {
    this.timeout(180_000);
    const own = stackOfEach(requirePgbouncer, () => startPooledServers(pooling));

    const drill = (): OwnDrill => ({
      run: own.stack.lose('node'),
      undo: own.stack.undo(),
      seen: `{ refuses: ${EAST} }`,
      through: new URL(own.stack.clients!).host,
      steps: [
        { title: 'promote db2', command: own.stack.command('promote', 'db2'), mark: 'writable' },
        { title: 'lead there', command: own.stack.command('redirect', 'db2') },
        { title: 'see that it does', command: own.script('led', led()), mark: 'redirected' },
      ],
    });
    /** PgBouncer lets nobody in for its `server_login_retry`, wherever it leads by then. */
    const led = () => {
      const { hostname, port } = new URL(own.stack.clients!);
      const asking = `psql -XAtq -h ${hostname} -p ${port} -U drill -d app`;
      const look = `PGPASSWORD=$DRILL_DB_PASSWORD ${asking} -c 'show transaction_read_only'`;
      return `until [ "$(${look})" = off ]; do sleep 0.1; done`;
    };

    it.full('is timed to the redirect, and loses what a second program misses', async () => {
      const ran = await own.run(drill());
      expect(ran.result.reasons, ran.ended.stdout).to.deep.equal([]);
      expect(ran.ended.code).to.equal(0);
      const { marks, rto_ms } = ran.result.recovery!;
      expect(marks['redirected']).to.be.at.least(marks['writable']!);
      expect(marks['first_success']).to.be.within(marks['writable']!, marks['sustained']!);
      expect(rto_ms).to.be.greaterThan(0);
      const acknowledged = await acknowledgedIn(ran);
      const kept = ran.ids.get(WEST)!;
      expect(acknowledged.length).to.be.greaterThan(100);
      expect(ran.result.loss!.lost).to.equal(acknowledged.filter((id) => !kept.has(id)).length);
      expect(ran.result.loss!.unexpected).to.equal(0);
      expect(ran.leaks, 'who has the password').to.deep.equal([]);
      expect(ran.place.leftBehind()).to.deep.equal([]);
      const log = readFileSync(join(own.stack.directory, 'pgbouncer.log'), 'utf8');
      expect(log).not.to.match(/unsupported startup parameter|prepared statement/);
    });

    it.full('that lets nobody in is not begun, and it is said what to set', async () => {
      const stated = ownDrill(own.stack, drill());
      const asking = stated.replace(/(db1: .*\/app)$/m, '$1?options=-c%20work_mem%3D8MB');
      const place = own.keep(new Workplace(asking));
      await consentTo(place, own.stack);
      const word = passwordOf(own.stack);
      const dry = await place.run(['attach', 'drill.yaml', '--dry-run', '--confirm', 'own'], word);
      expect(dry.code, dry.stdout).to.equal(4);
      expect(dry.stdout).to.match(/WRONG +topology.system.clients/);
      const ended = await place.run(['run', 'drill.yaml', '--confirm', 'own'], word);
      expect(ended.code, ended.stdout).to.equal(4);
      expect(ended.stdout)
        .to.contain('unsupported startup parameter: options')
        .and.contain('ignore_startup_parameters');
    });
  });
}

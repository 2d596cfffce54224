// A runner that brings a system up, says how to undo it, and waits to be killed. Prints JSON lines.
import { SystemInTest } from './system-in-test.ts';

const test = new SystemInTest();
const say = (what: unknown) => process.stdout.write(`${JSON.stringify(what)}\n`);
say({ place: test.place });
const report = setInterval(() => {
  for (; said < test.undos.length; said++) say({ entry: test.undos[said]!.entry });
}, 1);
let said = 0;
const system = await test.up();
if (process.argv[2] === 'kill-east') await system.region('east').kill();
setTimeout(() => say({ up: true }), 20);
if (process.argv[2] === 'down') {
  setTimeout(() => {
    clearInterval(report);
    void test.down().then(() => say({ down: true }));
  }, 100);
}

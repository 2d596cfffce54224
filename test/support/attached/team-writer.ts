// A program of a team that lives long: a line of JSON for each order, a line for what came of it. It
// forgets some once something was broken, which a file says.
import { existsSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { isForgotten, Team, type TeamOrder } from './team.ts';

const [servers = '', broken = ''] = process.argv.slice(2);
const urls = JSON.parse(readFileSync(servers, 'utf8')) as string[];
const team = new Team(urls, (order) => {
  return existsSync(broken) && isForgotten(order) ? 'forgotten' : 'none';
});
const OUTCOMES = { stored: 'acknowledged', refused: 'refused', unknown: 'unknown' } as const;

for await (const line of createInterface({ input: process.stdin })) {
  const order = JSON.parse(line) as TeamOrder;
  const outcome = OUTCOMES[await team.take(order)];
  const { writer, sequence } = order;
  process.stdout.write(`${JSON.stringify({ writer, sequence, outcome })}\n`);
}

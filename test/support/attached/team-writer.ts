// A program of a team that lives long: a line of JSON for each order, a line for what came of it. It
// forgets the fourth order of the third writer, the eighth and so on.
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Team, type TeamOrder } from './team.ts';

const [servers = ''] = process.argv.slice(2);
const urls = JSON.parse(readFileSync(servers, 'utf8')) as string[];
const team = new Team(urls, ({ writer, sequence }) => {
  return writer === 3 && sequence % 4 === 0 ? 'forgotten' : 'none';
});
const OUTCOMES = { stored: 'acknowledged', refused: 'refused', unknown: 'unknown' } as const;

for await (const line of createInterface({ input: process.stdin })) {
  const order = JSON.parse(line) as TeamOrder;
  const outcome = OUTCOMES[await team.take(order)];
  const { writer, sequence } = order;
  process.stdout.write(`${JSON.stringify({ writer, sequence, outcome })}\n`);
}

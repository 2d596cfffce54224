// Shows a file in whatever program the user's desktop has for it.
import { runToEnd, type CommandEnd } from './run-to-end.ts';

const OPENERS: Readonly<Partial<Record<NodeJS.Platform, string>>> = {
  linux: 'xdg-open',
  darwin: 'open',
};
const AT_MOST_MS = 10_000;

/** `path` is absolute. Returns why it could not be shown, or null. */
export async function openFile(
  path: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<CommandEnd['problem']> {
  const opener = OPENERS[process.platform];
  if (opener === undefined) return `there is no opener for ${process.platform}`;
  const { problem } = await runToEnd(opener, [path], { environment, atMost_ms: AT_MOST_MS });
  return problem === null ? null : `${opener}: ${problem}`;
}

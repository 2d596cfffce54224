// Runs one command to its end for what it prints, which is kept: it may be a password.
import { once } from 'node:events';
import { CommandFailed } from './command-failed.ts';
import { printing, type OutputOptions } from './printing.ts';

const BYTES_MAX = 64 * 1024;

/**
 * What it printed, 64 kB at most; no shell is involved. Rejects where it does not end with 0 in
 * that time. What it printed stands in no message.
 */
export async function commandOutput(
  command: readonly string[],
  options: OutputOptions,
): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const { code, why } = await printing(command, options, async (output, end) => {
    output.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= BYTES_MAX) chunks.push(chunk);
      else end();
    });
    await once(output, 'close');
  });
  if (code === 0 && bytes <= BYTES_MAX) return Buffer.concat(chunks).toString('utf8');
  const found = bytes > BYTES_MAX ? `more than ${BYTES_MAX} bytes` : why;
  throw new CommandFailed(command, found, code);
}

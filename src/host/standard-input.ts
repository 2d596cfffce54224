// What is piped into the process.
import process from 'node:process';

/** At most so many bytes of it; null where it is a terminal, for which nobody wants to wait. */
export async function readStandardInput(atMost: number): Promise<Uint8Array | null> {
  const { stdin } = process;
  if (stdin.isTTY) return null;
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stdin as AsyncIterable<Uint8Array>) {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= atMost) break;
  }
  return Buffer.concat(chunks).subarray(0, atMost);
}

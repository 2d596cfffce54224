// The hash by which drill names contents: files of a run, a plan, a drill file.
import { createHash } from 'node:crypto';

/** SHA-256 in hexadecimal digits; of a text, of its bytes in UTF-8. */
export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

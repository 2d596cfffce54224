// Signs what a webhook gets, so that its receiver can tell who sent it, and when.
import { createHmac } from 'node:crypto';

/** `t=1796122800,v1=5257a869…`: the HMAC with SHA-256 of `1796122800.<body>`. */
export function signature(body: string, secret: string, at_ms: number): string {
  const t = Math.floor(at_ms / 1_000);
  return `t=${t},v1=${createHmac('sha256', secret).update(`${t}.${body}`).digest('hex')}`;
}

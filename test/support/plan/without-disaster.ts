// A drill file with `disaster: none` and the faults that a test writes.
import { GOOD } from './drill-file.ts';

/** `fault` is a mapping in one line; more of them follow in lines that begin with `  - `. */
export function withoutDisaster(fault: string): string {
  const targets = GOOD.replace(/^targets:.*$/m, 'targets: {}');
  return `${targets.replace(/^ {2}- .*$/m, `  - ${fault}`)}disaster: none\n`;
}

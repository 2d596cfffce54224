// Judges one run and prints how long it took and the most memory that was resident: the child
// process of judge.ts.
import { readEvidence } from '../src/evidence/run-files.ts';
import { hostNow } from '../src/host/clock.ts';
import { assess } from '../src/verdict/assess.ts';

const began = hostNow();
const { verdict } = assess(readEvidence(process.argv[2]!));
const ms = hostNow() - began;
const mb = process.resourceUsage().maxRSS / 1024;
process.stdout.write(JSON.stringify({ verdict, ms, mb }));

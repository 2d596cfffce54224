// Makes the page of one run from its files, as `drill report RUN --reporter html` does, and prints
// how long it took and the most memory that was resident: the child process of reports.ts.
import { readEvidence } from '../src/evidence/run-files.ts';
import { hostNow } from '../src/host/clock.ts';
import { reportPage } from '../src/report/html/page.ts';
import { runView } from '../src/report/view/run-view.ts';
import { assess } from '../src/verdict/assess.ts';

const began = hostNow();
const evidence = readEvidence(process.argv[2]!);
const read = hostNow();
const result = assess(evidence);
const judged = hostNow();
const page = reportPage({ views: [runView(evidence, result)], series: [], refused: [] });
const ended = hostNow();
process.stdout.write(
  JSON.stringify({
    read_ms: read - began,
    judge_ms: judged - read,
    page_ms: ended - judged,
    ms: ended - began,
    mb: process.resourceUsage().maxRSS / 1024,
    bytes: page.length,
  }),
);

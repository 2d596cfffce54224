// The way through programs of a team's own: each lives long, takes one write at a time as a line of
// JSON, and says what came of it in a line. What it had in hand when it died is unknown.
import { OUTCOME } from '../../evidence/ledger/operation.ts';
import type { CommandWay } from '../../drill/attached/own-way.ts';
import { bareReply, type OutgoingRequest, type Reply, type Transport } from './transport.ts';
import { Worker, type Job } from './command-worker.ts';

/** A program that always says something else does so with each write. */
const TOLD_MAX = 20;
const SHOWN = 80;

/** `nodes` are the servers of the system; `tell` hears of what nobody would see otherwise. */
export function commandTransport(
  way: CommandWay,
  nodes: readonly string[],
  tell: (text: string) => void,
): Transport {
  const waiting: Job[] = [];
  const onFree = (worker: Worker) => {
    const next = waiting.shift();
    if (next !== undefined) worker.take(next);
  };
  const told = atMost(TOLD_MAX, tell);
  const options = { onFree, tell: told, nodeOf: nodesAmong(nodes, told) };
  const workers = Array.from({ length: way.workers }, () => new Worker(way, options));
  for (const worker of workers) worker.start();
  return {
    send(_, request: OutgoingRequest, onReply: (reply: Reply) => void) {
      const job: Job = { request, onReply, worker: null };
      const free = workers.find(({ isFree }) => isFree);
      if (free === undefined) waiting.push(job);
      else free.take(job);
      return () => {
        const at = waiting.indexOf(job);
        if (at >= 0) waiting.splice(at, 1);
        // Whatever it would still say of this write, it may not say of the next one.
        job.worker?.giveUp(job);
        return job.worker !== null;
      };
    },
    keepOnly() {},
    close() {
      for (const { onReply } of waiting.splice(0)) onReply(bareReply(OUTCOME.refused, 'not sent'));
      for (const worker of workers) worker.close();
    },
  };
}

/** A name that is none of theirs is no server; that is told once. */
function nodesAmong(nodes: readonly string[], tell: (text: string) => void) {
  let isTold = false;
  return (name: string): string | null => {
    if (nodes.includes(name)) return name;
    const shown = JSON.stringify(name.slice(0, SHOWN));
    if (!isTold) tell(`it names ${shown}, which is no server of topology.system.databases`);
    isTold = true;
    return null;
  };
}

function atMost(most: number, tell: (text: string) => void): (text: string) => void {
  let told = 0;
  return (text) => {
    told += 1;
    if (told <= most) tell(`a program of the clients: ${text}`);
    if (told === most) tell('nothing more is told of the programs of the clients');
  };
}

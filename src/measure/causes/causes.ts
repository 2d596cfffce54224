// The largest cause of each phase of a recovery, from the journal and from what clients met. What
// the evidence does not prove is left out.
import type { Cause, PhaseCause } from '../../drill/cause.ts';
import { MARK_NAMES, type Recovery } from '../../drill/measurement.ts';
import { floorGrain } from '../grain.ts';
import type { Disaster, Span, Timeline } from '../timeline.ts';
import { largestOf, type Stretch } from './charge.ts';
import { clientStretches, type Clients } from './clients.ts';
import { decisionStretches, detectionIn, procedureStretches } from './procedure.ts';

type Measured = Pick<Recovery, 'marks' | 'phases' | 'rto'>;

export function causesOf(
  run: Timeline,
  disaster: Disaster,
  { marks, phases, rto }: Measured,
  clients: Clients,
): PhaseCause[] {
  const started_ms = floorGrain(disaster.started_ms);
  const close_ms = rto.value === null ? Infinity : started_ms + rto.value;
  const stretches = procedureStretches(run, disaster, clients);
  let from_ms = started_ms;
  return phases.flatMap(({ name: phase, ms }, at) => {
    const took_ms = ms ?? 0;
    if (took_ms === 0) return [];
    const span = { from_ms, to_ms: from_ms + took_ms };
    from_ms = span.to_ms;
    // What took time has its mark.
    const isOvertaken = marks[MARK_NAMES[at + 1]!]! > close_ms;
    const found = isOvertaken ? overtaken(took_ms) : causeOf(phase, span);
    return found === null ? [] : [{ phase, ...found }];
  });

  function causeOf(phase: Recovery['phases'][number]['name'], span: Span) {
    switch (phase) {
      case 'detect':
        return whole(span, detectionIn(run, disaster));
      case 'decide':
        return largestOf(span, decisionStretches(run, span));
      case 'reconnect':
      case 'stabilise':
        return largestOf(span, clientStretches(clients, marks.redirected, span));
      default:
        return largestOf(span, stretches[phase]);
    }
  }
}

function overtaken(ms: number) {
  return { kind: 'service-back', ms } as const;
}

function whole(span: Span, cause: Cause | null): (Cause & { readonly ms: number }) | null {
  if (cause === null) return null;
  const all: Stretch = { ...span, cause };
  return largestOf(span, [all]);
}

// The labels that everything of a run carries at the docker engine. Nothing without the run's own
// label is ever touched, whatever its name.

/** Its value is the run's id; on containers, networks and volumes. */
export const RUN_LABEL = 'dr.drill.run';
/** The run directory; on containers, networks and volumes, as the one below. */
export const DIRECTORY_LABEL = 'dr.drill.directory';
/** The process that made it, as JSON. */
export const RUNNER_LABEL = 'dr.drill.runner';
/** `east/postgres`; on containers. */
export const NODE_LABEL = 'dr.drill.node';
/** `east`; on containers of a region. */
export const REGION_LABEL = 'dr.drill.region';
export const SERVICE_LABEL = 'com.docker.compose.service';
/** The label of a container that only reads a dead one's disk: no node of the system. */
export const HELPER_LABEL = 'dr.drill.helper';

/** The filter that the engine's lists and events take. */
export function ofRun(run: string): { label: string[] } {
  return { label: [`${RUN_LABEL}=${run}`] };
}

/** The name of the compose project: letters, digits, `-` and `_` only. */
export function projectName(run: string): string {
  return `drill-${run.toLowerCase().replaceAll(/[^a-z0-9_-]/g, '-')}`;
}

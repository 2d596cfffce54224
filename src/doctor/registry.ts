// The checks, in the order in which they are printed.
import type { DoctorCheck } from './check.ts';
import { clockSteadiness, nodeVersion, ports, proxyServer, sharedMemoryRoom } from './machine.ts';
import { databaseUser, diskSpace, postgresPrograms, template } from './postgres.ts';

export const DOCTOR_CHECKS: readonly DoctorCheck[] = [
  nodeVersion,
  databaseUser,
  postgresPrograms,
  template,
  diskSpace,
  sharedMemoryRoom,
  ports,
  clockSteadiness,
  proxyServer,
];

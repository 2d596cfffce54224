// The checks, in the order in which they are printed.
import type { DoctorCheck } from './check.ts';
import { composePlugin, dockerDisk, dockerEngine, dockerImages } from './docker.ts';
import {
  clockSteadiness,
  nodeVersion,
  ports,
  proxyServer,
  runsFolder,
  sharedMemoryRoom,
} from './machine.ts';
import { databaseUser, diskSpace, postgresLinks, postgresPrograms, template } from './postgres.ts';
import { redisServer } from './redis.ts';

export const DOCTOR_CHECKS: readonly DoctorCheck[] = [
  nodeVersion,
  runsFolder,
  ports,
  clockSteadiness,
  databaseUser,
  postgresLinks,
  postgresPrograms,
  template,
  diskSpace,
  sharedMemoryRoom,
  proxyServer,
  redisServer,
  dockerEngine,
  composePlugin,
  dockerImages,
  dockerDisk,
];

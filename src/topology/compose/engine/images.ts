// The images of a run: which they are, whether they are there, and fetching those that are not.
import type Docker from 'dockerode';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EnvironmentError } from '../../../host/environment-error.ts';
import type { Emit } from '../../../evidence/event.ts';
import { imageHint } from '../project/compose-command.ts';
import { COMPOSE_FOLDER } from '../project/package-place.ts';
import type { Variables } from '../../runtime.ts';
import { EngineError, openEngine, unlessMissing, unreachable, type Engine } from './engine.ts';

const PULL_AT_MOST_MS = 600_000;
const LOOK_MS = 5_000;
const REGISTRY_MS = 10_000;

/** The images of the compose file by part, `redis`: what a variable names, else the file's own. */
export function imagesOf(environment: Variables): ReadonlyMap<string, string> {
  const text = readFileSync(join(COMPOSE_FOLDER, 'compose.yaml'), 'utf8');
  const found = text.matchAll(/\$\{DRILL_IMAGE_([A-Z]+):-([^}]+)\}/g);
  return new Map(
    [...found].map(([, part = '', own = '']) => {
      return [part.toLowerCase(), environment[`DRILL_IMAGE_${part}`] || own];
    }),
  );
}

export interface ImageSeen {
  readonly image: string;
  /**
   * `elsewhere`: not here, and nobody was asked for it; `absent`: its registry does not have it
   * either, and `detail` is what it said, or the way to it.
   */
  readonly state: 'here' | 'elsewhere' | 'pullable' | 'absent';
  readonly detail: string;
}

/** Loosely: what the engine's API can be asked about. */
const IMAGE_NAME = /^\w[\w./:@-]*$/;

/** An id pins an image that has no digest, and is known to no registry. */
export function isImageId(image: string): boolean {
  return /^sha256:[0-9a-f]+$/.test(image);
}

/** Looks for the image here, and where it is not, asks its registry if it may. */
export async function lookForImage(
  environment: Variables,
  image: string,
  mayAskRegistry: boolean,
): Promise<ImageSeen> {
  const seen = (state: ImageSeen['state'], detail = ''): ImageSeen => ({ image, state, detail });
  if (!IMAGE_NAME.test(image)) return seen('absent', 'no name of an image');
  const engine = openEngine(environment);
  try {
    await engine.call(`inspect ${image}`, (docker) => docker.getImage(image).inspect(), LOOK_MS);
    return seen('here');
  } catch (error) {
    if (!(error instanceof EngineError) || error.status === null) throw unreachable(engine, error);
  }
  if (isImageId(image)) return seen('absent', 'an id is not known to any');
  if (!mayAskRegistry) return seen('elsewhere');
  const ask = `ask the registry of ${image}`;
  return await engine
    .call(ask, (docker) => docker.getImage(image).distribution(), REGISTRY_MS)
    .then(
      () => seen('pullable'),
      (error: EngineError) => seen('absent', error.found),
    );
}

/** Rejects with an `EnvironmentError` that names the image. */
export async function ensureImages(
  engine: Engine,
  images: readonly string[],
  emit: Emit,
  signal: AbortSignal,
): Promise<void> {
  const missing: string[] = [];
  const look = async (image: string) => {
    const asked = `inspect image ${image}`;
    const looking = engine.call(asked, (docker) => docker.getImage(image).inspect());
    const found = await unlessMissing(looking).catch((error: EngineError) => {
      throw error.status === null ? unreachable(engine, error) : notThere(image, error);
    });
    if (found === null) missing.push(image);
  };
  await Promise.all([...new Set(images)].map(look));
  for (const image of missing) {
    emit('run.noted', { text: `pulling the image ${image} (once)` });
    const pulling = () => pull(engine.streaming, image, signal);
    await engine.call(`pull ${image}`, pulling, PULL_AT_MOST_MS).catch((error: EngineError) => {
      signal.throwIfAborted();
      throw notThere(image, error);
    });
  }
}

async function pull(docker: Docker, image: string, signal: AbortSignal): Promise<void> {
  const stream = await docker.pull(image, { abortSignal: signal });
  await new Promise<void>((resolve, reject) => {
    docker.modem.followProgress(stream, (error) => (error ? reject(error) : resolve()));
  });
}

function notThere(image: string, error: EngineError): EnvironmentError {
  return new EnvironmentError(
    {
      what: `the image ${image}`,
      expected: 'it to be at the docker engine, or to be pulled',
      found: error.found,
      hint: imageHint(image),
    },
    { cause: error },
  );
}

// Sees that the images of a run are there, and fetches those that are not.
import type Docker from 'dockerode';
import { EnvironmentError } from '../../../host/environment-error.ts';
import type { Emit } from '../../../evidence/event.ts';
import { imageHint } from '../project/compose-command.ts';
import { EngineError, isUnreachable, unreachable, type Engine } from './engine.ts';

const NOT_FOUND = 404;
const PULL_AT_MOST_MS = 600_000;

/** Rejects with an `EnvironmentError` that names the image. */
export async function ensureImages(
  engine: Engine,
  images: readonly string[],
  emit: Emit,
  signal: AbortSignal,
): Promise<void> {
  const missing: string[] = [];
  const look = async (image: string) => {
    const isHere = await engine
      .call(`inspect image ${image}`, (docker) => docker.getImage(image).inspect())
      .then(
        () => true,
        (error: EngineError) => {
          if (isUnreachable(error)) throw unreachable(engine, error);
          if (error.status !== NOT_FOUND) throw notThere(image, error);
          return false;
        },
      );
    if (!isHere) missing.push(image);
  };
  await Promise.all([...new Set(images)].map(look));
  for (const image of missing) {
    emit('run.noted', { text: `pulling the image ${image} (once)` });
    await pull(engine, image, signal).catch((error: Error) => {
      signal.throwIfAborted();
      throw notThere(image, error);
    });
  }
}

function pull(engine: Engine, image: string, signal: AbortSignal): Promise<void> {
  return engine.call(
    `pull ${image}`,
    () => fetchImage(engine.streaming, image, signal),
    PULL_AT_MOST_MS,
  );
}

async function fetchImage(docker: Docker, image: string, signal: AbortSignal): Promise<void> {
  const stream = await docker.pull(image, { abortSignal: signal });
  await new Promise<void>((resolve, reject) => {
    docker.modem.followProgress(stream, (error) => {
      if (error === null || error === undefined) resolve();
      else reject(error);
    });
  });
}

function notThere(image: string, error: Error): EnvironmentError {
  return new EnvironmentError(
    {
      what: `the image ${image}`,
      expected: 'it to be at the docker engine, or to be pulled',
      found: error instanceof EngineError ? error.reason : error.message,
      hint: imageHint(image),
    },
    { cause: error },
  );
}

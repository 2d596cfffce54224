// Makes a `Screen` of a process' streams and environment: who may have colour, how wide the text
// may be, and whether there is a terminal whose cursor can be moved.
import type { createLogUpdate } from 'log-update';
import { forOutput } from './paint.ts';
import type { LiveArea, Output, Screen } from './screen.ts';

/** The part of `process.stdout` that matters here. */
export interface OutputStream {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
  /** Much of what was written waits, since nobody takes it. */
  readonly writableNeedDrain?: boolean;
}

export interface ScreenProcess {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** What `--color` says. */
export type ColourChoice = 'always' | 'auto' | 'never';

const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';

export function processScreen(host: ScreenProcess, colour: ColourChoice): Screen {
  return {
    stdout: makeOutput(host.stdout, host.env, colour),
    stderr: makeOutput(host.stderr, host.env, colour),
  };
}

/** FORCE_COLOR before NO_COLOR, as Node itself has it; an explicit flag before both. */
export function decideColour(
  stream: Pick<OutputStream, 'isTTY'>,
  env: ScreenProcess['env'],
  choice: ColourChoice,
): boolean {
  if (choice !== 'auto') return choice === 'always';
  const force = env['FORCE_COLOR'];
  if (force !== undefined) return force !== '0' && force !== 'false';
  if (env['NO_COLOR'] !== undefined && env['NO_COLOR'] !== '') return false;
  return stream.isTTY === true && env['TERM'] !== 'dumb';
}

/** By the terminal and the locale; a locale that is not stated says nothing. */
export function hasOnlyAscii(env: ScreenProcess['env']): boolean {
  if (env['TERM'] === 'dumb' || env['TERM'] === 'linux') return true;
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || '';
  return locale !== '' && !/utf-?8/i.test(locale);
}

function makeOutput(stream: OutputStream, env: ScreenProcess['env'], choice: ColourChoice): Output {
  const isTerminal = stream.isTTY === true;
  let area: OpenArea | null = null;
  const openArea = (): LiveArea => {
    area?.close();
    const opened = openAreaOn(stream, () => {
      if (area === opened) area = null;
    });
    area = opened;
    return opened;
  };
  const base: Output = {
    write: (text) => {
      const shown = forOutput(text);
      if (area === null) stream.write(shown);
      else area.writeAbove(shown);
    },
    isTerminal,
    hasColour: decideColour(stream, env, choice),
    isPlain: hasOnlyAscii(env),
    columns: () => positive(stream.columns) ?? positive(Number(env['COLUMNS'])) ?? 80,
    rows: () => positive(stream.rows) ?? positive(Number(env['LINES'])) ?? 24,
  };
  return isTerminal && env['TERM'] !== 'dumb' ? { ...base, openArea } : base;
}

interface OpenArea extends LiveArea {
  writeAbove(text: string): void;
}

function openAreaOn(stream: OutputStream, onClose: () => void): OpenArea {
  // Most commands draw nothing: loaded for those that do. Until then the newest frame waits.
  let render: ReturnType<typeof createLogUpdate> | null = null;
  let last = '';
  let isOpen = true;
  stream.write(HIDE_CURSOR);
  void import('log-update').then((loaded) => {
    if (!isOpen) return;
    // It hides the cursor of `process.stderr` whatever stream it is given: done here instead.
    render = loaded.createLogUpdate(stream as never, { showCursor: true });
    if (last !== '') render(last);
  });
  return {
    draw: (text) => {
      if (!isOpen) return;
      last = forOutput(text);
      if (stream.writableNeedDrain !== true) render?.(last);
    },
    writeAbove: (text) => {
      render?.clear();
      stream.write(text.endsWith('\n') ? text : `${text}\n`);
      if (last !== '') render?.(last);
    },
    close: () => {
      if (!isOpen) return;
      isOpen = false;
      render?.clear();
      render?.done();
      stream.write(SHOW_CURSOR);
      onClose();
    },
  };
}

function positive(value: number | undefined): number | null {
  return value !== undefined && Number.isInteger(value) && value > 0 ? value : null;
}

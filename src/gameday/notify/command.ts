// One try to tell a command: the message as JSON on its input, and the most of it in variables.
import type { Message } from '../../evidence/message-form.ts';
import { runGrouped } from '../../host/process/grouped.ts';
import type { Told } from '../file/schema-notify.ts';
import type { Answer, Try } from './receiver.ts';

export async function tellCommand(
  { command }: Told,
  message: Message,
  { number, directory, environment, logFile, signal }: Try,
): Promise<Answer> {
  const { problem, isStarted } = await runGrouped(command, {
    directory,
    environment: { ...environment, ...variablesOf(message, number) },
    input: `${JSON.stringify(message)}\n`,
    logFile: logFile(),
    signal,
  });
  if (problem === null) return { kind: 'taken', why: 'exit code 0' };
  return isStarted
    ? { kind: 'failed', why: problem, after_ms: null }
    : { kind: 'refused', why: problem };
}

function variablesOf(message: Message, number: number): Record<string, string> {
  const { id, event, text, gameday, drill } = message;
  return {
    DRILL_MESSAGE_ID: id,
    DRILL_MESSAGE_EVENT: event,
    DRILL_MESSAGE_TEXT: text,
    DRILL_MESSAGE_TRY: String(number),
    DRILL_MESSAGE_GAMEDAY: gameday.name,
    DRILL_MESSAGE_GAMEDAY_ID: gameday.id ?? '',
    DRILL_MESSAGE_VERDICT: gameday.verdict ?? '',
    DRILL_MESSAGE_DRILL: drill?.name ?? '',
  };
}

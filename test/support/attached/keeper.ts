// A program beside a test: as soon as the test ends, however it ends, it removes the test's stack.
import { once } from 'node:events';
import { removeStack } from './remains.ts';

const [stack = '', directory = ''] = process.argv.slice(2);
process.stdin.on('error', () => {}).resume();
await once(process.stdin, 'close');
await removeStack(stack, directory);

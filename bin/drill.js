#!/usr/bin/env node
// The command. Says clearly when Node is too old or nothing is built, then hands over to the build.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const main = new URL('../dist/main.js', import.meta.url);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`drill needs Node 20.19 or newer, and this is ${process.versions.node}.`);
  process.exitCode = 4;
} else if (!existsSync(fileURLToPath(main))) {
  console.error('drill is not built yet. Run: npm ci');
  process.exitCode = 4;
} else {
  try {
    await import(main.href);
  } catch (error) {
    // The program itself is many files: before it is there, nothing can tell it better.
    if (error?.code !== 'EMFILE' && error?.code !== 'ENFILE') throw error;
    console.error(`drill: expected file descriptors for its own files, found ${error.message}`);
    console.error('  fix: allow more, then try again: ulimit -n 4096');
    process.exitCode = 4;
  }
}

// Loads packages that are CommonJS as what they are. An `import` of one makes Node compile a scanner
// for the names that its files export, which is a third of a small program's start.
import { createRequire } from 'node:module';

/** The caller says what the package is: `loadPackage('pg') as typeof Pg`. */
export const loadPackage: (name: string) => unknown = createRequire(import.meta.url);

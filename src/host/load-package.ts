// Loads packages that are CommonJS as what they are. An `import` of one makes Node compile a
// scanner for the names that its files export, a third of what a small program needs to start.
import { createRequire } from 'node:module';

/** The caller says what the package is: `loadPackage('pg') as typeof Pg`. */
export const loadPackage: (name: string) => unknown = createRequire(import.meta.url);

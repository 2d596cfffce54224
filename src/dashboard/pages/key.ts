// Where somebody signs in with the token.
import type { Frame } from './frame.ts';

/** `isWrong`: what was given was not the token; what would be is not said. */
export function keyPage(isSignedIn: boolean, isWrong: boolean): Frame {
  const title = 'Controls';
  if (isSignedIn) {
    const body = `<h1>${title}</h1>
<p>You are signed in: runs can be halted, disasters declared, game days agreed to.</p>
<form method="post" action="/key/away" class="controls"><button>Sign out</button></form>`;
    return { title, body };
  }
  const wrong = isWrong ? '<p class="bad-word" role="alert">That is not the token.</p>\n' : '';
  const body = `<h1>${title}</h1>
<p>Whoever has the token may control drills. It stands in a file that <code>drill serve</code> named
when it began.</p>
${wrong}<form method="post" action="/key">
<label for="token">Token</label>
<input id="token" name="token" type="password" autocomplete="off" required>
<button>Sign in</button>
</form>`;
  return { title, body };
}

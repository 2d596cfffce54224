// Runs in the pages of the dashboard: puts parts in the place of those that have changed, as the
// dashboard tells them, and lets clocks go on in between. Without it a page is asked for again.
const { feed, again } = document.body.dataset;
if (feed !== undefined) follow(new EventSource(feed));
else window.setTimeout(() => location.reload(), Number(again) * 1_000);
moveClocks();

function follow(source) {
  source.addEventListener('part', ({ data }) => {
    const { id, html } = JSON.parse(data);
    const part = document.getElementById(id);
    if (part === null) return;
    const asked = askedIn(part);
    // What was scrolled, or holds the focus, must not jump away under a reader's finger.
    const scrolled = [...part.querySelectorAll('.scroll')].map(({ scrollLeft }) => scrollLeft);
    part.innerHTML = html;
    if (askedIn(part) !== asked) location.reload();
    [...part.querySelectorAll('.scroll')].forEach((each, at) => {
      each.scrollLeft = scrolled[at] ?? 0;
    });
    startClocks(part);
  });
  source.addEventListener('over', () => {
    source.close();
    location.reload();
  });
  source.addEventListener('open', () => document.body.classList.remove('cut-off'));
  source.addEventListener('error', () => document.body.classList.add('cut-off'));
  startClocks(document);
}

function askedIn(part) {
  return part.querySelector('[data-asked]')?.dataset.asked;
}

/** A clock has the milliseconds that it stood at when its part was made. */
function startClocks(part) {
  for (const clock of part.querySelectorAll('[data-clock]')) {
    clock.began = document.timeline.currentTime - Number(clock.dataset.clock);
  }
}

function moveClocks() {
  requestAnimationFrame(moveClocks);
  if (document.body.classList.contains('cut-off')) return;
  for (const clock of document.querySelectorAll('[data-clock]')) {
    const ms = document.timeline.currentTime - clock.began;
    if (clock instanceof HTMLProgressElement) clock.value = ms;
    else if (ms < 60_000) clock.textContent = `${(ms / 1_000).toFixed(1)} s`;
  }
}

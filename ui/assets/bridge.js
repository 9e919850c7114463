// Citation marks are plain links. A click, or Enter, tells the server which source to open, and what else its answer
// cites; when it has come, the quoted characters are scrolled into view: from the article's head where both fit on the
// screen. The keys p and n, and the panel's buttons, open the citation before and the one after.
const SECONDS_TO_WAIT = 10;
const ROOM_BELOW = 80;
let opened = null;

const sidOf = (link) => link.getAttribute('href').slice(3);

const scrollToQuote = (sid, giveUpAt, then) => {
  const quote = document.getElementById('quote');
  if (quote && quote.dataset.anchor === sid) {
    const column = document.getElementById('evidence-column');
    column.scrollTop = 0;
    column.scrollIntoView({block: 'start'});
    if (quote.getBoundingClientRect().bottom > innerHeight - ROOM_BELOW) quote.scrollIntoView({block: 'center'});
    then();
  } else if (performance.now() < giveUpAt) {
    requestAnimationFrame(() => scrollToQuote(sid, giveUpAt, then));
  }
};

// One link for each source of the answer, in the order of their numbers.
const sourcesBeside = (link) => {
  const bySid = new Map();
  for (const one of link.closest('.cd-answer').querySelectorAll('a[href^="#s-"]')) {
    if (!bySid.has(sidOf(one))) bySid.set(sidOf(one), one);
  }
  return bySid;
};

const openSource = (link, then = () => {}) => {
  const sid = sidOf(link);
  if (opened) opened.removeAttribute('aria-current');
  opened = link;
  opened.setAttribute('aria-current', 'true');
  trigger('cite', {sid, cited: [...sourcesBeside(link).keys()]});
  document.getElementById('evidence-column').scrollIntoView({block: 'nearest'});
  scrollToQuote(sid, performance.now() + SECONDS_TO_WAIT * 1000, then);
};

const step = (by, fromPanel) => {
  if (!opened || !opened.isConnected) return;
  const sources = [...sourcesBeside(opened).values()];
  const next = sources[sources.findIndex((link) => sidOf(link) === sidOf(opened)) + by];
  if (!next) return;
  next.scrollIntoView({block: 'nearest'});
  // The panel is drawn anew, its buttons too.
  const refocus = () => document.querySelector(`.cd-step[data-step="${by}"]`)?.focus({preventScroll: true});
  openSource(next, fromPanel ? refocus : () => {});
  if (!fromPanel) next.focus({preventScroll: true});
};

document.addEventListener('click', (event) => {
  const button = event.target.closest('.cd-step');
  if (button) step(Number(button.dataset.step), true);
  const link = event.target.closest('a[href^="#s-"], a.cd-back');
  if (!link) return;
  event.preventDefault();
  if (!link.classList.contains('cd-back')) {
    openSource(link);
  } else if (opened && opened.isConnected) {
    opened.scrollIntoView({block: 'center'});
    opened.focus({preventScroll: true});
  } else {
    document.getElementById('conversation').scrollIntoView();
  }
});

document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || !['p', 'n'].includes(event.key)) return;
  const at = document.activeElement;
  const reading = at === document.body || at.closest('.cd-answer, #evidence-column');
  if (!reading || at.closest('input, textarea, select, [contenteditable]')) return;
  step(event.key === 'n' ? 1 : -1, at.closest('#evidence-column') !== null);
});

// The framework reads a message's source out loud to assistive technology, calls buttons that are no list's items a
// list, and has no native date picker.
const mend = () => {
  document.querySelectorAll('[data-testid="bot"]').forEach((bubble) => bubble.setAttribute('aria-label', 'Answer'));
  document.querySelectorAll('[data-testid="user"]').forEach((bubble) => bubble.setAttribute('aria-label', 'Question'));
  document.querySelectorAll('.examples[role="list"]').forEach((examples) => {
    examples.setAttribute('role', 'group');
    examples.setAttribute('aria-label', 'Questions to begin with');
  });
  document.querySelectorAll('.day input').forEach((box) => box.setAttribute('type', 'date'));
};
new MutationObserver(mend).observe(document.body, {childList: true, subtree: true});
mend();

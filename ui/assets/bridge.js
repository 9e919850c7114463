// Citation marks are plain links. A click, or Enter, tells the server which source to open; when it has come, the
// quoted characters are scrolled into view: from the article's head where both fit on the screen.
const SECONDS_TO_WAIT = 10;
const ROOM_BELOW = 80;
let opened = null;

const scrollToQuote = (sid, giveUpAt) => {
  const quote = document.getElementById('quote');
  if (quote && quote.dataset.anchor === sid) {
    const column = document.getElementById('evidence-column');
    column.scrollTop = 0;
    column.scrollIntoView({block: 'start'});
    if (quote.getBoundingClientRect().bottom > innerHeight - ROOM_BELOW) quote.scrollIntoView({block: 'center'});
  } else if (performance.now() < giveUpAt) {
    requestAnimationFrame(() => scrollToQuote(sid, giveUpAt));
  }
};

const openSource = (link) => {
  const sid = link.getAttribute('href').slice(3);
  if (opened) opened.removeAttribute('aria-current');
  opened = link;
  opened.setAttribute('aria-current', 'true');
  trigger('cite', {sid});
  document.getElementById('evidence-column').scrollIntoView({block: 'nearest'});
  scrollToQuote(sid, performance.now() + SECONDS_TO_WAIT * 1000);
};

document.addEventListener('click', (event) => {
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

// The framework reads a message's source out loud to assistive technology, and has no native date picker.
const mend = () => {
  document.querySelectorAll('[data-testid="bot"]').forEach((bubble) => bubble.setAttribute('aria-label', 'Answer'));
  document.querySelectorAll('[data-testid="user"]').forEach((bubble) => bubble.setAttribute('aria-label', 'Question'));
  document.querySelectorAll('.day input').forEach((box) => box.setAttribute('type', 'date'));
};
new MutationObserver(mend).observe(document.body, {childList: true, subtree: true});
mend();
